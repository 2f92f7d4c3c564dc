using System.Text.Json;
using Fleethold.Resources;
using Fleethold.Runtime;
using Fleethold.Runtime.States;
using Fleethold.Server.Api;
using Fleethold.Server.States;
using Fleethold.Testing;
using Google.Protobuf;

namespace Fleethold.Server.Tests;

public class JoinTokenRuleTests
{
    private static readonly string[] Checked = [Kinds.JoinTokens.Type, Kinds.DefaultJoinTokens.Type];

    [Fact]
    [Trait("Category", Vectors.Category)]
    public async Task Writes_of_tokens_are_taken_or_refused_as_in_the_vectors()
    {
        using var vectors = Vectors.Json("misc/validation.json");
        var tried = 0;
        foreach (var one in vectors.RootElement.GetProperty("cases").EnumerateArray().Where(one => Checked.Contains(one.GetProperty("resource").GetProperty("type").GetString())))
        {
            await using var inside = ResourceState.InMemory(TimeProvider.System);
            foreach (var present in vectors.RootElement.GetProperty("base").EnumerateArray().Where(present => Checked.Contains(present.GetProperty("type").GetString())))
            {
                _ = (await inside.Create(ResourceOf(present), cancellation: Deadline.Token)).Value;
            }

            var fault = await Try(new OutsideState(inside), one.GetProperty("operation").GetString()!, ResourceOf(one.GetProperty("resource")));

            var name = one.GetProperty("name").GetString();
            var expected = one.GetProperty("error");
            if (expected.ValueKind == JsonValueKind.Null)
            {
                Assert.True(fault is null, $"{name}: {fault?.Message}");
            }
            else
            {
                Assert.Equal((name, expected.GetProperty("message").GetString()), (name, fault?.Message));
                Assert.Equal(expected.GetProperty("code").GetString(), FaultCodes.CodeOf(fault!).ToString());
            }

            tried++;
        }

        Assert.Equal(13, tried);
    }

    private static async Task<Fault?> Try(OutsideState state, string operation, Resource resource) => operation switch
    {
        "create" => (await state.Create(resource, cancellation: Deadline.Token)).Fault,
        "update" => (await state.Modify(resource.Ref, present => resource.With(present.Metadata), cancellation: Deadline.Token)).Fault,
        "teardown" => (await state.Teardown(resource.Ref, cancellation: Deadline.Token)).Fault,
        "destroy" => (await state.Destroy(resource.Ref, cancellation: Deadline.Token)).Fault,
        _ => throw new InvalidOperationException(operation),
    };

    private static Resource ResourceOf(JsonElement one)
    {
        var kind = Kinds.Find(one.GetProperty("type").GetString()!)!;
        var spec = one.TryGetProperty("spec", out var json) ? json.GetString()! : "{}";
        var message = JsonParser.Default.Parse(spec, kind.Spec!);
        return kind.Wrap(new Metadata(kind.Ref.Named(one.GetProperty("id").GetString()!)), message);
    }
}
