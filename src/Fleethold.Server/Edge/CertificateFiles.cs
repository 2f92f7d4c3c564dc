using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Fleethold.Server.Configuration;
using Fleethold.Server.Host;

namespace Fleethold.Server.Edge;

/// <summary>A certificate that somebody else keeps in files (PEM, the chain after the certificate); changed files are taken up within ten seconds.</summary>
internal sealed partial class CertificateFiles(TlsSettings.Files files, TimeProvider clock, ILogger log) : ListenerCertificate(clock, log)
{
    private byte[] _content = [];

    protected override TimeSpan LookEvery => TimeSpan.FromSeconds(10);

    protected override void Look(bool first)
    {
        try
        {
            // The content and not the time: links are swapped, and clocks are set.
            byte[] content = [.. SHA256.HashData(File.ReadAllBytes(files.CertificateFile)), .. SHA256.HashData(File.ReadAllBytes(files.KeyFile))];
            if (content.AsSpan().SequenceEqual(_content))
            {
                return;
            }

            var chain = new X509Certificate2Collection();
            chain.ImportFromPemFile(files.CertificateFile);
            if (chain.Count == 0)
            {
                throw new StartException($"{files.CertificateFile} holds no PEM certificate");
            }

            chain[0].Dispose();
            chain.RemoveAt(0);
            Use(X509Certificate2.CreateFromPemFile(files.CertificateFile, files.KeyFile), chain);
            _content = content;
            if (!first)
            {
                Log.Reloaded(Logger, files.CertificateFile);
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new StartException($"the certificate {files.CertificateFile} with the key {files.KeyFile} can't be used: {failure.Message}", failure);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(311, LogLevel.Information, "the changed certificate {Path} is in use")]
        public static partial void Reloaded(ILogger logger, string path);
    }
}
