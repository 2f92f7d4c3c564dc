using Fleethold.Server.Configuration;

namespace Fleethold.Fuzz.Targets;

/// <summary>Configuration files as operators write them: whatever is wrong is told with its place, and nothing is thrown.</summary>
internal sealed class ConfigurationTarget : IFuzzTarget
{
    public string Name => "configuration";

    public InputShape Shape => InputShape.Yaml;

    public IReadOnlyList<string> Words { get; } =
    [
        "account:", "services:", "storage:", "api:", "endpoint:", "etcd:", "sqlite:", "logs:", "auth:", "fleethold:", "    ", "- ", ": ", "---\n", "&a ", "*a", "<<: *a", "{", "}", "[", "]",
        "\"", "'", "|\n", "true", "10s", "0.0.0.0:443", "null", "!!binary ", "? ", "#",
    ];

    public IEnumerable<byte[]> Seeds =>
    [
        "account:\n  id: 8c0e5d4e-6f7a-4b39-9a51-1f1c0d6b7a10\n  name: home\nservices:\n  api:\n    endpoint: 0.0.0.0:8443\n    advertisedURL: https://fleet.example.org\n"u8.ToArray(),
        "storage:\n  default:\n    kind: etcd\n    etcd:\n      embedded: false\n      endpoints: [https://10.0.0.1:2379]\n      privateKeySource: file:///key.asc\n  sqlite:\n    path: /data/x.db\n"u8.ToArray(),
        "fleethold:\n  dataDirectory: /data\nlogs:\n  level: debug\n  format: text\n"u8.ToArray(),
    ];

    public long AllocationLimit(int inputLength) => 4_000_000 + (inputLength * 4_000L);

    public void Run(ReadOnlySpan<byte> input)
    {
        var report = ConfigurationReader.ReadYaml(input.ToArray());
        Check.Same(true, report.Configuration is not null || report.Problems.Count > 0);
    }
}
