using Fleethold.SideroLink.Provision;
using Fleethold.Testing;

namespace Fleethold.SideroLink.Tests.Provision;

public class SecureJoinTests
{
    [Fact]
    [Trait("Category", Vectors.Category)]
    public void Versions_support_unique_tokens_as_in_the_vectors()
    {
        using var vectors = Vectors.Json("misc/join-tokens.json");
        foreach (var one in vectors.RootElement.GetProperty("secureJoinSupport").EnumerateArray())
        {
            var version = one.GetProperty("talosVersion").GetString()!;

            Assert.True(one.GetProperty("supported").GetBoolean() == SecureJoin.IsSupportedBy(version), version);
        }
    }

    [Theory]
    [InlineData("1.6.0+build", true)]
    [InlineData("1.6-beta", false)]
    [InlineData("1.6.0-", false)]
    [InlineData("1.6.0.0", false)]
    [InlineData("1..6", false)]
    [InlineData("99999999999999999999.0.0", false)]
    [InlineData("0.99.0", false)]
    public void Odd_versions_are_told_apart(string version, bool supported) => Assert.Equal(supported, SecureJoin.IsSupportedBy(version));

    [Fact]
    public void The_version_that_is_assumed_keeps_no_token() => Assert.False(SecureJoin.IsSupportedBy(SecureJoin.AssumedVersion));

    [Fact]
    public void The_first_and_the_last_endpoint_change_places_and_change_back()
    {
        string[] three = ["a:1", "b:2", "c:3"];

        Assert.Equal(["c:3", "b:2", "a:1"], EndpointOrder.OnTheWire(three));
        Assert.Equal(three, EndpointOrder.OnTheWire(EndpointOrder.OnTheWire(three)));
        Assert.Equal(["a:1"], EndpointOrder.OnTheWire(["a:1"]));
        Assert.Empty(EndpointOrder.OnTheWire([]));
    }
}
