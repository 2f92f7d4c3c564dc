using Fleethold.Resources;

namespace Fleethold.Controllers.Machines.Joining;

/// <summary>What a request leaves on the link as annotations (reference/siderolink.md 2.5, step 9).</summary>
/// <param name="HasToken">It came with a unique token.</param>
/// <param name="IsForced">From now on only the stored token is taken.</param>
/// <param name="IsWiped">The disk with the stored token was wiped: any token is taken.</param>
internal readonly record struct LinkMarks(bool HasToken, bool IsForced, bool IsWiped)
{
    /// <summary>Nothing, as an old machine leaves it.</summary>
    public static LinkMarks None => default;

    /// <summary>The annotations with these marks.</summary>
    public StringMap On(StringMap annotations)
    {
        var marked = HasToken ? annotations.With(MachineNames.CreatedWithUniqueToken, "") : annotations;
        return IsWiped ? marked.Without(MachineNames.ForceValidToken)
            : IsForced ? marked.With(MachineNames.ForceValidToken, "")
            : marked;
    }
}
