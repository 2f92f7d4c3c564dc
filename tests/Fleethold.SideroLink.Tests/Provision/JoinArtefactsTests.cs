using System.Text;
using System.Text.Json;
using Fleethold.SideroLink.Provision;
using Fleethold.Testing;
using ZstdSharp;

namespace Fleethold.SideroLink.Tests.Provision;

public class JoinArtefactsTests
{
    private const string Pem = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";

    private static readonly JoinOptions Options = new() { MachineApiUrl = "https://fleet.example.org:443", Token = "t", EventSinkPort = 8090, LogServerPort = 8092 };

    [Fact]
    [Trait("Category", Vectors.Category)]
    public void Arguments_and_documents_are_those_of_the_vectors()
    {
        using var vectors = Vectors.Json("misc/join-tokens.json");
        foreach (var one in vectors.RootElement.GetProperty("joinConfig").EnumerateArray())
        {
            var input = one.GetProperty("input");
            Assert.True(JoinTokenVersions.TryParse(Text(input, "joinTokenVersion") ?? "2", out var version, out _));
            var options = new JoinOptions
            {
                MachineApiUrl = Text(input, "url") ?? "",
                Token = Text(input, "token") ?? "",
                EventSinkPort = Flag(input, "noEventSinkPort") ? 0 : one.GetProperty("eventSinkPort").GetInt32(),
                LogServerPort = Flag(input, "noLogServerPort") ? 0 : one.GetProperty("logServerPort").GetInt32(),
                UseGrpcTunnel = Flag(input, "grpcTunnel"),
                WithoutMachineApi = Flag(input, "withoutMachineApiUrl"),
                ExtraData = Text(input, "machineRequestId") is { } request ? new Dictionary<string, string> { [JoinOptions.RequestLabel] = request } : null,
                TokenVersion = version,
            };

            var made = JoinArtefacts.TryCreate(options, out var config, out var error);

            var name = one.GetProperty("name").GetString()!;
            if (Text(one, "error") is { } expected)
            {
                Assert.False(made, name);

                // The words about base64 are those of a library.
                Assert.Equal(name == "bad encoded token" ? "invalid join token: what follows its prefix isn't padded standard base64" : expected, error);
                continue;
            }

            Assert.True(made, $"{name}: {error}");
            Assert.Equal(one.GetProperty("kernelArgs").EnumerateArray().Select(argument => argument.GetString()), config!.KernelArguments);
            Assert.Equal(one.GetProperty("joinConfig").GetString(), config.Documents);
        }
    }

    [Fact]
    public void A_CA_goes_before_the_rest_in_both_forms()
    {
        Assert.True(JoinArtefacts.TryCreate(Options, out var without, out _));

        Assert.True(JoinArtefacts.TryCreate(Options with { TrustedRoots = new TrustedRoots(Pem) }, out var with, out _));

        const string Document = "apiVersion: v1alpha1\nkind: TrustedRootsConfig\nname: fleethold-ca\ncertificates: |\n"
            + "    -----BEGIN CERTIFICATE-----\n    MIIB\n    -----END CERTIFICATE-----\n";
        Assert.Equal(Document + "---\n" + without.Documents, with.Documents);
        Assert.Equal(without.KernelArguments, with.KernelArguments.Skip(1));
        Assert.StartsWith("talos.config.early=", with.KernelArguments[0], StringComparison.Ordinal);
        using var decompressor = new Decompressor();
        var early = decompressor.Unwrap(Convert.FromBase64String(with.KernelArguments[0]["talos.config.early=".Length..]));
        Assert.Equal(Document, Encoding.UTF8.GetString(early));
    }

    [Theory]
    [InlineData("https://host:1/?a=%2b&b", "https://host:1/?a=%2B&b=&jointoken=t")]
    [InlineData("https://host?jointoken=old&grpc_tunnel=y", "https://host?grpc_tunnel=y&jointoken=t")]
    [InlineData("host:8090", "host:8090?jointoken=t")]
    [InlineData("grpc://[::1]:8090#x", "grpc://[::1]:8090?jointoken=t#x")]
    public void The_rest_of_the_URL_stays_as_it_was_written(string url, string expected)
    {
        Assert.True(JoinArtefacts.TryCreate(Options with { MachineApiUrl = url }, out var config, out _));

        Assert.Equal("siderolink.api=" + expected, config.KernelArguments[0]);
    }

    [Theory]
    [InlineData("https://ho st")]
    [InlineData("https://host\nkind: Other")]
    [InlineData("://host")]
    public void A_URL_that_would_break_out_of_its_place_is_refused(string url) =>
        Assert.False(JoinArtefacts.TryCreate(Options with { MachineApiUrl = url }, out _, out _));

    private static string? Text(JsonElement one, string name) => one.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static bool Flag(JsonElement one, string name) => one.TryGetProperty(name, out var value) && value.GetBoolean();
}
