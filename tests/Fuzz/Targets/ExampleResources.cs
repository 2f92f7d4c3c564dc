using Fleethold.Resources;
using Fleethold.Resources.Specs;

namespace Fleethold.Fuzz.Targets;

/// <summary>Resources to start from: an empty one of each tenth kind, and some with something in them.</summary>
internal static class ExampleResources
{
    public static IEnumerable<Resource> All
    {
        get
        {
            for (var index = 0; index < Kinds.All.Count; index += 10)
            {
                yield return Kinds.All[index].Wrap(Named(Kinds.All[index]), ReadOnlyMemory<byte>.Empty);
            }

            var named = Named(Kinds.Clusters) with
            {
                Version = new ResourceVersion(3),
                Owner = "owner",
                Phase = Phase.TearingDown,
                Created = new Instant(1_700_000_000, 5),
                Updated = new Instant(1_800_000_000, 999_999_999),
                Labels = StringMap.Of(("a", "b"), ("é", "")),
                Annotations = StringMap.Of(("note", "two\nlines")),
                Finalizers = ["one", "two"],
            };
            yield return new Resource<ClusterSpec>(named, new ClusterSpec { TalosVersion = "1.9.0", KubernetesVersion = "1.32.0" });
            yield return new Resource<ConfigPatchSpec>(Named(Kinds.ConfigPatches), new ConfigPatchSpec { Data = "machine:\n  network: {}\n" });
            yield return new Resource<AccessPolicySpec>(Named(Kinds.AccessPolicies), new AccessPolicySpec());
            yield return Kinds.MachineStatusLabels.Wrap(Named(Kinds.MachineStatusLabels), ReadOnlyMemory<byte>.Empty, "a: b\n");
        }
    }

    private static Metadata Named(ResourceKind kind) => new(kind.Ref.Named("some-id"));
}
