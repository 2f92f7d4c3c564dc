using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Fleethold.Runtime;
using Fleethold.Storage.Etcd.Wire;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;

namespace Fleethold.Storage.Etcd;

/// <summary>Calls to the members of a cluster: one at a time, the next one after a failure that another member may not have.</summary>
internal sealed class EtcdClient : IDisposable
{
    private const int MostAnswerBytes = 64 << 20;

    private readonly EtcdOptions _options;
    private readonly TimeProvider _clock;
    private readonly GrpcChannel[] _members;
    private int _turn;

    /// <exception cref="CommitLogException">The TLS files can't be used.</exception>
    public EtcdClient(EtcdOptions options, TimeProvider clock)
    {
        (_options, _clock) = (options, clock);
        if (options.Endpoints.Count == 0)
        {
            throw new CommitLogException("no etcd endpoint is configured: name at least one");
        }

        _members = [.. options.Endpoints.Select(endpoint => GrpcChannel.ForAddress(endpoint, new GrpcChannelOptions
        {
            HttpHandler = Handler(options),
            DisposeHttpClient = true,
            MaxReceiveMessageSize = MostAnswerBytes,
            MaxRetryAttempts = null,
        }))];
    }

    /// <summary>Reads; linearizable.</summary>
    public Task<RangeResponse> Range(RangeRequest request, CancellationToken cancellation) =>
        Call((channel, token) => new KV.KVClient(channel).RangeAsync(request, cancellationToken: token), cancellation);

    /// <summary>Once; whether it was applied isn't known when it fails with <see cref="IsAway"/>.</summary>
    public Task<TxnResponse> Transact(TxnRequest request, CancellationToken cancellation) =>
        Call((channel, token) => new KV.KVClient(channel).TxnAsync(request, cancellationToken: token), cancellation);

    public Task<LeaseGrantResponse> Grant(long seconds, CancellationToken cancellation) =>
        Call((channel, token) => new Lease.LeaseClient(channel).LeaseGrantAsync(new LeaseGrantRequest { TTL = seconds }, cancellationToken: token), cancellation);

    public Task<LeaseRevokeResponse> Revoke(long lease, CancellationToken cancellation) =>
        Call((channel, token) => new Lease.LeaseClient(channel).LeaseRevokeAsync(new LeaseRevokeRequest { ID = lease }, cancellationToken: token), cancellation);

    /// <summary>Prolongs a lease.</summary>
    /// <returns>The seconds it has left; 0 when it is gone.</returns>
    public Task<long> KeepAlive(long lease, CancellationToken cancellation) => Bounded(
        async (channel, token) =>
        {
            using var call = new Lease.LeaseClient(channel).LeaseKeepAlive(cancellationToken: token);
            await call.RequestStream.WriteAsync(new LeaseKeepAliveRequest { ID = lease }, token);
            if (!await call.ResponseStream.MoveNext(token))
            {
                throw new RpcException(new Status(StatusCode.Unavailable, "etcd ended the stream"));
            }

            var seconds = call.ResponseStream.Current.TTL;
            await call.RequestStream.CompleteAsync();
            return seconds;
        },
        cancellation);

    /// <summary>Tries again while the cluster is away, for the configured time. Only for what may be done twice.</summary>
    /// <exception cref="CommitLogException">It stayed away, or refuses.</exception>
    public async Task<T> Patiently<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellation)
    {
        var start = _clock.GetTimestamp();
        var pause = TimeSpan.FromMilliseconds(50);
        while (true)
        {
            try
            {
                return await call(cancellation);
            }
            catch (RpcException failure) when (IsAway(failure) && _clock.GetElapsedTime(start) < _options.RetryFor)
            {
                await Task.Delay(pause, _clock, cancellation);
                pause = TimeSpan.FromTicks(long.Min(pause.Ticks * 2, TimeSpan.TicksPerSecond));
            }
            catch (RpcException failure)
            {
                throw Explain(failure, CommitOutcome.NotWritten);
            }
        }
    }

    /// <summary>True for what may pass by itself or with another member, and leaves open whether a request was carried out.</summary>
    public static bool IsAway(RpcException failure) =>
        failure.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded or StatusCode.Cancelled or StatusCode.Internal or StatusCode.Unknown or StatusCode.Aborted;

    public CommitLogException Explain(RpcException failure, CommitOutcome outcome)
    {
        var cluster = string.Join(", ", _options.Endpoints);
        var detail = failure.Status.Detail;
        var text = failure.StatusCode switch
        {
            StatusCode.ResourceExhausted when detail.Contains("space", StringComparison.Ordinal) =>
                $"the quota of etcd ({cluster}) is used up: compact and defragment it or raise --quota-backend-bytes, then disarm the alarm; writes then go on by themselves",
            StatusCode.InvalidArgument when detail.Contains("too large", StringComparison.Ordinal) =>
                $"a change is too large for etcd ({cluster}): raise its --max-request-bytes",
            StatusCode.InvalidArgument when detail.Contains("too many operations", StringComparison.Ordinal) =>
                $"etcd ({cluster}) takes fewer operations per transaction than configured: raise its --max-txn-ops to at least {_options.MostOperations}",
            StatusCode.Unauthenticated or StatusCode.PermissionDenied =>
                $"etcd ({cluster}) refuses us: check the client certificate and its rights on /fleethold/",
            _ => $"etcd ({cluster}) can't be reached: check its health and the network; writes go on by themselves once it is back",
        };
        return new CommitLogException($"{text} ({failure.StatusCode}: {detail})", outcome, failure);
    }

    /// <inheritdoc/>
    public void Dispose() => Array.ForEach(_members, member => member.Dispose());

    private Task<T> Call<T>(Func<GrpcChannel, CancellationToken, AsyncUnaryCall<T>> call, CancellationToken cancellation)
        where T : IMessage => Bounded(
            async (channel, token) =>
            {
                using var running = call(channel, token);
                return await running.ResponseAsync;
            },
            cancellation);

    private async Task<T> Bounded<T>(Func<GrpcChannel, CancellationToken, Task<T>> call, CancellationToken cancellation)
    {
        using var timeout = new CancellationTokenSource(_options.RequestTimeout, _clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
        var turn = Volatile.Read(ref _turn);
        try
        {
            return await call(_members[turn % _members.Length], both.Token);
        }
        catch (Exception failure) when (timeout.IsCancellationRequested && failure is (RpcException or OperationCanceledException))
        {
            cancellation.ThrowIfCancellationRequested();
            Interlocked.CompareExchange(ref _turn, (turn + 1) % _members.Length, turn);
            throw new RpcException(new Status(StatusCode.DeadlineExceeded, $"no answer within {_options.RequestTimeout.TotalSeconds} s"));
        }
        catch (RpcException failure) when (IsAway(failure))
        {
            cancellation.ThrowIfCancellationRequested();
            Interlocked.CompareExchange(ref _turn, (turn + 1) % _members.Length, turn);
            throw;
        }
    }

    private static SocketsHttpHandler Handler(EtcdOptions options)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectTimeout = options.RequestTimeout,
            KeepAlivePingDelay = TimeSpan.FromSeconds(30),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(5),
            EnableMultipleHttp2Connections = true,
            UseProxy = false,
        };
        try
        {
            if (options.CaFile is { } caFile)
            {
                var trusted = new X509Certificate2Collection();
                trusted.ImportFromPemFile(caFile);
                handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    RevocationMode = X509RevocationMode.NoCheck,
                };
                handler.SslOptions.CertificateChainPolicy.CustomTrustStore.AddRange(trusted);
            }

            if (options.CertificateFile is { } certificateFile)
            {
                var certificate = X509Certificate2.CreateFromPemFile(certificateFile, options.KeyFile);
                handler.SslOptions.ClientCertificateContext = SslStreamCertificateContext.Create(certificate, null, offline: true);
            }

            return handler;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or System.Security.Cryptography.CryptographicException)
        {
            throw new CommitLogException($"the TLS files for etcd can't be used: {failure.Message}", CommitOutcome.NotWritten, failure);
        }
    }
}
