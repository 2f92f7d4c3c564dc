using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Fleethold.Storage.Sealing;

/// <summary>Reads field <c>private-key</c> of a secret in Vault's KV version 2, by token or by Kubernetes sign-in (reference/deployment.md 4.3).</summary>
internal sealed class VaultSecret(KeySource.Vault source, Func<string, string?> variable, HttpClient http)
{
    private const string PodTokenFile = "/var/run/secrets/kubernetes.io/serviceaccount/token";
    private const int MostBytes = 1 << 20;

    public async ValueTask<string> Read(CancellationToken cancellation)
    {
        try
        {
            var token = await Token(cancellation);
            using var request = new HttpRequestMessage(HttpMethod.Get, Address($"v1/{source.Mount}/data/{source.Path}"));
            request.Headers.Add("X-Vault-Token", token);
            using var answer = await Send(request, cancellation);
            var data = answer.RootElement.GetProperty("data").GetProperty("data");
            if (!data.TryGetProperty("private-key", out var key))
            {
                throw new SealException($"{source} has no field private-key: store the key in it");
            }

            return key.ValueKind == JsonValueKind.Array ? string.Join('\n', key.EnumerateArray().Select(line => line.GetString())) : key.GetString() ?? "";
        }
        catch (Exception failure) when (failure is HttpRequestException or JsonException or KeyNotFoundException or InvalidOperationException or IOException)
        {
            throw new SealException($"{source} can't be read: {failure.Message}", failure);
        }
    }

    private async ValueTask<string> Token(CancellationToken cancellation)
    {
        if (variable("VAULT_K8S_ROLE") is not { Length: > 0 } role)
        {
            return source.Token ?? variable("VAULT_TOKEN") ?? throw new SealException($"{source} needs a token: set VAULT_TOKEN or VAULT_K8S_ROLE");
        }

        var pod = (await File.ReadAllTextAsync(source.KubernetesTokenFile ?? PodTokenFile, cancellation)).Trim();
        var login = new Dictionary<string, string> { ["role"] = role, ["jwt"] = pod };
        using var request = new HttpRequestMessage(HttpMethod.Post, Address($"v1/auth/{source.KubernetesMount}/login")) { Content = JsonContent.Create(login) };
        using var answer = await Send(request, cancellation);
        return answer.RootElement.GetProperty("auth").GetProperty("client_token").GetString() ?? "";
    }

    private async ValueTask<JsonDocument> Send(HttpRequestMessage request, CancellationToken cancellation)
    {
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        if (!response.IsSuccessStatusCode)
        {
            throw new SealException($"{source} can't be read: Vault answers {(int)response.StatusCode} to {request.RequestUri!.AbsolutePath}; check path, token and policy");
        }

        await response.Content.LoadIntoBufferAsync(MostBytes, cancellation);
        return JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellation));
    }

    private Uri Address(string path)
    {
        var text = source.Address ?? variable("VAULT_ADDR") ?? throw new SealException($"{source} needs the address of Vault: set VAULT_ADDR");
        return Uri.TryCreate(text.TrimEnd('/') + "/" + path, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            ? address
            : throw new SealException($"VAULT_ADDR is not an http or https address: {text}");
    }
}
