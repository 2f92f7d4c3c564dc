using Fleethold.Resources.Specs;
using Fleethold.Resources.Wire;

namespace Fleethold.Resources.Tests.Wire;

public class ResourceJsonTests
{
    [Theory]
    [InlineData("{\"title\":\"a\",\"destroy\":{},\"machine_upgrade\":{}}", "only one of the fields of details")]
    [InlineData("{\"title\":\"\\ud800\"}", "no Unicode")]
    [InlineData("{\"title\":{}}", "no value for a field of type String")]
    [InlineData("null", "must be an object")]
    [InlineData("{", "can't be read")]
    public void What_can_not_be_a_spec_is_refused(string json, string message)
    {
        var fault = Assert.IsType<Fault.Invalid>(ResourceJson.ParseSpec(OngoingTaskSpec.Descriptor, json).Fault);

        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Numbers_are_taken_and_written_to_the_last_digit()
    {
        var spec = (MachineStatusSpec)ResourceJson.ParseSpec(MachineStatusSpec.Descriptor, "{\"hardware\":{\"blockdevices\":[{\"size\":\"18446744073709551615\"}]}}").Value;
        Assert.Equal(ulong.MaxValue, spec.Hardware.Blockdevices[0].Size);
        Assert.Equal("{\"hardware\":{\"blockdevices\":[{\"size\":\"18446744073709551615\"}]}}", ResourceJson.RenderSpec(spec));

        Assert.NotNull(ResourceJson.ParseSpec(MachineStatusSpec.Descriptor, "{\"hardware\":{\"blockdevices\":[{\"size\":18446744073709551616}]}}").Fault);
    }

    [Theory]
    [InlineData(0.5, "0.5")]
    [InlineData(100d, "100")]
    [InlineData(1234567.5, "1234567.5")]
    [InlineData(1e21, "1e+21")]
    [InlineData(1e-7, "1e-7")]
    [InlineData(double.NaN, "\"NaN\"")]
    public void Doubles_are_written_as_go_writes_them(double number, string json)
    {
        var spec = new KubernetesUsageSpec { Cpu = new KubernetesUsageSpec.Types.Quantity { Capacity = number } };

        Assert.Equal($"{{\"cpu\":{{\"capacity\":{json}}}}}", ResourceJson.RenderSpec(spec));
    }

    [Fact]
    public void The_json_of_an_unregistered_resource_is_made_from_its_yaml()
    {
        var resource = new OpaqueResource(new Metadata(new ResourceRef("n", "Things.x.dev", "a")), default, "b: [1, 0x10, 1.5, 'x', ~]\na: true\n");

        Assert.StartsWith("{\"spec\":{\"a\":true,\"b\":[1,16,1.5,\"x\",null]},\"metadata\":{", ResourceJson.Render(resource), StringComparison.Ordinal);
    }

    [Fact]
    public void Whatever_text_comes_the_answer_is_a_spec_or_a_fault()
    {
        const int seed = 11;
        var random = new Random(seed);
        const string original = "{\"title\":\"a\",\"talos_upgrade\":{\"phase\":1,\"upgradeVersions\":[\"1\",\"2\"],\"error\":null},\"resource_id\":\"r\"}";
        const string signs = "{}[]:,\"\\ud800-+.eE019tn ";
        for (var round = 0; round < 10_000; round++)
        {
            var text = original.ToCharArray();
            for (var change = random.Next(1, 4); change > 0; change--)
                text[random.Next(text.Length)] = signs[random.Next(signs.Length)];

            var outcome = ResourceJson.ParseSpec(OngoingTaskSpec.Descriptor, new string(text));
            if (outcome.Fault is null)
                Assert.Equal(outcome.Value, ResourceJson.ParseSpec(OngoingTaskSpec.Descriptor, ResourceJson.RenderSpec(outcome.Value)).Value);
            else
                Assert.True(outcome.Fault is Fault.Invalid, $"seed {seed}, round {round}");
        }
    }
}
