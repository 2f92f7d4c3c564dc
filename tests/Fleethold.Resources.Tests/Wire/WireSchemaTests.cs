using System.Text.Json;
using Fleethold.Testing;
using Google.Protobuf.Reflection;
using static Fleethold.Resources.Tests.Wire.EncodingVectors;

namespace Fleethold.Resources.Tests.Wire;

[Trait("Category", Vectors.Category)]
public class WireSchemaTests
{
    // Of these packages everything upstream has is ours too. Of the others we declare what we use, which must not contradict.
    private static readonly string[] WholePackages = ["cosi.resource", "cosi.resource.meta", "specs"];

    private static readonly Dictionary<string, MessageDescriptor> OurMessages = [];
    private static readonly Dictionary<string, EnumDescriptor> OurEnums = [];
    private static readonly Dictionary<string, ServiceDescriptor> OurServices = [];

    static WireSchemaTests()
    {
        foreach (var file in OurFiles())
        {
            foreach (var message in file.MessageTypes)
                Add(message);

            foreach (var one in file.EnumTypes)
                OurEnums.Add(one.FullName, one);

            foreach (var service in file.Services)
                OurServices.Add(service.FullName, service);
        }

        static void Add(MessageDescriptor message)
        {
            OurMessages.Add(message.FullName, message);
            foreach (var nested in message.NestedTypes.Where(nested => !nested.IsMapEntry))
                Add(nested);

            foreach (var one in message.EnumTypes)
                OurEnums.Add(one.FullName, one);
        }
    }

    [Fact]
    public void Every_message_enum_and_service_of_ours_is_upstreams_to_the_last_field()
    {
        var (messages, enums, services) = Upstream();
        var problems = new List<string>();
        foreach (var (name, message) in OurMessages)
            Compare(name, message, messages, problems);

        foreach (var (name, one) in OurEnums)
            Compare(name, one, enums, problems);

        foreach (var (name, service) in OurServices)
            Compare(name, service, services, problems);

        None(problems);
        Assert.True(OurMessages.Count > 200 && OurServices.Count >= 1, $"{OurMessages.Count} messages, {OurServices.Count} services");
    }

    [Fact]
    public void Nothing_of_the_packages_that_we_implement_whole_is_missing()
    {
        var (messages, enums, services) = Upstream();
        var missing = messages.Where(entry => WholePackages.Contains(entry.Value.Package)).Select(entry => entry.Key).Except(OurMessages.Keys)
            .Concat(enums.Where(entry => WholePackages.Contains(entry.Value.Package)).Select(entry => entry.Key).Except(OurEnums.Keys))
            .Concat(services.Where(entry => WholePackages.Contains(entry.Value.Package)).Select(entry => entry.Key).Except(OurServices.Keys));
        None(missing.ToList());
    }

    private static void Compare(string name, MessageDescriptor ours, Dictionary<string, (string Package, JsonElement Facts)> upstream, List<string> problems)
    {
        if (!upstream.TryGetValue(name, out var theirs))
        {
            problems.Add($"{name}: upstream has no such message");
            return;
        }

        // In declaration order, which is the order of the YAML form.
        var expected = theirs.Facts.GetProperty("fields").EnumerateArray().Select(field => Describe(field, name, theirs.Package));
        var actual = ours.Fields.InDeclarationOrder().Select(Describe);
        var (one, other) = (string.Join("; ", expected), string.Join("; ", actual));
        if (one != other)
            problems.Add($"{name}: upstream {one}\n  ours {other}");
    }

    private static void Compare(string name, EnumDescriptor ours, Dictionary<string, (string Package, JsonElement Facts)> upstream, List<string> problems)
    {
        var expected = upstream.TryGetValue(name, out var theirs)
            ? string.Join(", ", theirs.Facts.EnumerateObject().Select(value => $"{value.Name} = {value.Value}").Order(StringComparer.Ordinal))
            : "nothing";
        var actual = string.Join(", ", ours.Values.Select(value => $"{value.Name} = {value.Number}").Order(StringComparer.Ordinal));
        if (expected != actual)
            problems.Add($"{name}: upstream {expected}, ours {actual}");
    }

    private static void Compare(string name, ServiceDescriptor ours, Dictionary<string, (string Package, JsonElement Facts)> upstream, List<string> problems)
    {
        if (!upstream.TryGetValue(name, out var theirs))
        {
            problems.Add($"{name}: upstream has no such service");
            return;
        }

        var expected = theirs.Facts.EnumerateArray()
            .Select(method => $"{method.Text("name")}({Stream(method, "client_stream")}{Resolve(method.Text("request"), theirs.Package, theirs.Package)}) {Stream(method, "server_stream")}{Resolve(method.Text("response"), theirs.Package, theirs.Package)}");
        var actual = ours.Methods.Select(method =>
            $"{method.Name}({(method.IsClientStreaming ? "stream " : "")}{method.InputType.FullName}) {(method.IsServerStreaming ? "stream " : "")}{method.OutputType.FullName}");
        var (one, other) = (string.Join("; ", expected.Order(StringComparer.Ordinal)), string.Join("; ", actual.Order(StringComparer.Ordinal)));
        if (one != other)
            problems.Add($"{name}: upstream {one}\n  ours {other}");

        static string Stream(JsonElement method, string side) => method.Has(side) && method.GetProperty(side).GetBoolean() ? "stream " : "";
    }

    private static string Describe(FieldDescriptor field)
    {
        var type = field.IsMap
            ? $"map<{TypeName(field.MessageType.FindFieldByNumber(1))},{TypeName(field.MessageType.FindFieldByNumber(2))}>"
            : TypeName(field);
        var label = field.IsMap ? "" : field.IsRepeated ? "repeated " : field.RealContainingOneof is null && field.HasPresence && field.FieldType != FieldType.Message
            ? "optional "
            : field.ContainingOneof is { IsSynthetic: true } ? "optional " : "";
        return $"{label}{type} {field.Name} = {field.FieldNumber}{(field.RealContainingOneof is { } oneof ? $" of {oneof.Name}" : "")}";
    }

    private static string Describe(JsonElement field, string message, string package)
    {
        var type = field.Text("type").Replace(" ", "", StringComparison.Ordinal);
        type = type.StartsWith("map<", StringComparison.Ordinal)
            ? $"map<{string.Join(",", type[4..^1].Split(',').Select(part => Resolve(part, message, package)))}>"
            : Resolve(type, message, package);
        return $"{(field.Has("label") ? field.Text("label") + " " : "")}{type} {field.Text("name")} = {field.GetProperty("number")}{(field.Has("oneof") ? $" of {field.Text("oneof")}" : "")}";
    }

    private static string TypeName(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.Message => field.MessageType.FullName,
        FieldType.Enum => field.EnumType.FullName,
        var scalar => scalar.ToString().ToLowerInvariant(),
    };

    // As protobuf resolves a name: from the innermost scope outwards.
    private static string Resolve(string type, string scope, string package)
    {
        for (var around = scope; ; around = around[..Math.Max(0, around.LastIndexOf('.'))])
        {
            var candidate = around.Length == 0 ? type.TrimStart('.') : $"{around}.{type}";
            if (OurMessages.ContainsKey(candidate) || OurEnums.ContainsKey(candidate) || around.Length == 0)
                return candidate;
        }
    }

    private static IEnumerable<FileDescriptor> OurFiles() => typeof(Kinds).Assembly.GetExportedTypes()
        .Where(type => type.Name.EndsWith("Reflection", StringComparison.Ordinal))
        .Select(type => type.GetProperty("Descriptor")?.GetValue(null)).OfType<FileDescriptor>()
        .Where(file => !file.Package.StartsWith("google.", StringComparison.Ordinal));

    private static (Dictionary<string, (string Package, JsonElement Facts)> Messages, Dictionary<string, (string Package, JsonElement Facts)> Enums,
        Dictionary<string, (string Package, JsonElement Facts)> Services) Upstream()
    {
        var messages = new Dictionary<string, (string, JsonElement)>();
        var enums = new Dictionary<string, (string, JsonElement)>();
        var services = new Dictionary<string, (string, JsonElement)>();
        using var schema = Vectors.Json("wire-schema.json");
        foreach (var file in schema.RootElement.Clone().GetProperty("files").EnumerateObject())
        {
            var package = file.Value.Text("package");
            Collect(file.Value, package, package);
            if (file.Value.Has("services"))
            {
                foreach (var service in file.Value.GetProperty("services").EnumerateObject())
                    services[$"{package}.{service.Name}"] = (package, service.Value);
            }
        }

        return (messages, enums, services);

        void Collect(JsonElement container, string scope, string package)
        {
            if (container.Has("enums"))
            {
                foreach (var one in container.GetProperty("enums").EnumerateObject())
                    enums[$"{scope}.{one.Name}"] = (package, one.Value);
            }

            if (!container.Has("messages"))
                return;

            foreach (var message in container.GetProperty("messages").EnumerateObject())
            {
                messages[$"{scope}.{message.Name}"] = (package, message.Value);
                Collect(message.Value, $"{scope}.{message.Name}", package);
            }
        }
    }
}
