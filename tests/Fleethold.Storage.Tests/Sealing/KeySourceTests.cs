using System.Net;
using System.Text;
using Fleethold.Storage.Sealing;
using Fleethold.Testing;

namespace Fleethold.Storage.Tests.Sealing;

public sealed class KeySourceTests : IDisposable
{
    private static readonly string Secret = Convert.ToBase64String(new byte[32]);

    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, string> _variables = [];
    private readonly StubHandler _vault = new();

    [Fact]
    public async Task A_key_file_is_made_for_a_new_store_readable_for_its_owner_only()
    {
        var source = new KeySource.KeyFile(_folder.PathOf("keys/store.key")) { CreateIfMissing = true };

        var made = await Reader.Read(source, storeIsNew: true, Deadline.Token);
        var read = await Reader.Read(source, storeIsNew: false, Deadline.Token);

        Assert.Equal(made.SlotName, read.SlotName);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(source.Path));
    }

    [Fact]
    public async Task A_missing_key_file_of_a_store_is_not_made_anew()
    {
        var source = new KeySource.KeyFile(_folder.PathOf("store.key")) { CreateIfMissing = true };

        await Fails(source, "put back the file");

        Assert.False(File.Exists(source.Path));
    }

    [Fact]
    public async Task A_key_comes_from_a_variable()
    {
        _variables["STORE_KEY"] = Secret + "\n";

        Assert.StartsWith("secret-", (await Reader.Read(new KeySource.Variable("STORE_KEY"), false, Deadline.Token)).SlotName, StringComparison.Ordinal);
        await Fails(new KeySource.Variable("OTHER"), "the environment variable OTHER is empty");
    }

    [Fact]
    public async Task What_is_no_key_is_refused_without_showing_it()
    {
        _variables["STORE_KEY"] = "hunter2";

        Assert.DoesNotContain("hunter2", await Fails(new KeySource.Variable("STORE_KEY"), "neither 32 bytes in base64 nor"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"SECRET\"")]
    [InlineData("[\"SECRET\", \"\"]")]
    public async Task Vault_is_asked_with_a_token_for_a_field_of_text_or_lines(string value)
    {
        _variables["VAULT_ADDR"] = "http://vault.invalid:8200/";
        _variables["VAULT_TOKEN"] = "t0";
        _vault.Answers["GET http://vault.invalid:8200/v1/secret/data/fleethold/key t0"] =
            $$"""{"data":{"data":{"private-key":{{value.Replace("SECRET", Secret, StringComparison.Ordinal)}} } } }""";

        Assert.True(KeySource.TryParse("vault://secret/fleethold/key", out var source, out _));
        Assert.StartsWith("secret-", (await Reader.Read(source, false, Deadline.Token)).SlotName, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Vault_is_asked_after_a_Kubernetes_sign_in()
    {
        await File.WriteAllTextAsync(_folder.PathOf("token"), "pod-token\n", Deadline.Token);
        _variables["VAULT_ADDR"] = "http://vault.invalid:8200";
        _variables["VAULT_K8S_ROLE"] = "fleethold";
        _vault.Answers["POST http://vault.invalid:8200/v1/auth/kubernetes/login  {\"role\":\"fleethold\",\"jwt\":\"pod-token\"}"] =
            """{"auth":{"client_token":"t1"}}""";
        _vault.Answers["GET http://vault.invalid:8200/v1/kv/data/key t1"] = $$"""{"data":{"data":{"private-key":"{{Secret}}"} } }""";

        Assert.True(KeySource.TryParse($"vault://@{_folder.PathOf("token")}:/kv/key", out var source, out _));
        Assert.StartsWith("secret-", (await Reader.Read(source, false, Deadline.Token)).SlotName, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_of_Vault_is_told_with_what_to_check()
    {
        _variables["VAULT_ADDR"] = "http://vault.invalid:8200";
        await Fails(new KeySource.Vault("kv", "key"), "set VAULT_TOKEN or VAULT_K8S_ROLE");

        _variables["VAULT_TOKEN"] = "t0";
        await Fails(new KeySource.Vault("kv", "key"), "Vault answers 404 to /v1/kv/data/key; check path, token and policy");
    }

    [Theory]
    [InlineData("file:///etc/key.asc", "the key file /etc/key.asc")]
    [InlineData("vault://secret/a/b-c", "vault://secret/a/b-c")]
    [InlineData("vault://@/run/token:/secret/a", "vault://secret/a")]
    public void Sources_of_Omni_are_understood(string text, string means)
    {
        Assert.True(KeySource.TryParse(text, out var source, out _));
        Assert.Equal(means, source.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("/etc/key.asc")]
    [InlineData("file://")]
    [InlineData("vault://secret")]
    [InlineData("vault:///a")]
    [InlineData("vault://secret/a_b")]
    [InlineData("vault://@/run/token")]
    public void Other_sources_are_refused_with_the_right_form(string text)
    {
        Assert.False(KeySource.TryParse(text, out _, out var problem));
        Assert.StartsWith("must ", problem, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private KeySourceReader Reader => new(_variables.GetValueOrDefault, new HttpClient(_vault, disposeHandler: false));

    private async Task<string> Fails(KeySource source, string text)
    {
        var failure = await Assert.ThrowsAsync<SealException>(async () => await Reader.Read(source, storeIsNew: false, Deadline.Token));
        Assert.Contains(text, failure.Message, StringComparison.Ordinal);
        return failure.Message;
    }

    private sealed class StubHandler : HttpMessageHandler
    {
        public Dictionary<string, string> Answers { get; } = [];

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var token = request.Headers.TryGetValues("X-Vault-Token", out var values) ? values.Single() : "";
            var body = request.Content is null ? "" : " " + await request.Content.ReadAsStringAsync(cancellationToken);
            return Answers.TryGetValue($"{request.Method} {request.RequestUri} {token}{body}", out var answer)
                ? new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(answer, Encoding.UTF8, "application/json") }
                : new HttpResponseMessage(HttpStatusCode.NotFound);
        }
    }
}
