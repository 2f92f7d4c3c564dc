using System.Text;
using Fleethold.Resources;
using Fleethold.Resources.Specs;
using Fleethold.Runtime;

namespace Fleethold.Server.States;

/// <summary>The rules of join tokens for writes from outside (reference/siderolink.md 2.1), with the words that clients know.</summary>
internal static class JoinTokenRules
{
    /// <summary>The longest name of a token, in bytes.</summary>
    public const int MaxName = 16;

    /// <summary>The id of the one resource that says which token is the default.</summary>
    public const string DefaultId = Fleethold.Controllers.Machines.MachineNames.DefaultToken;

    /// <summary>What is wrong with new content; null when nothing is.</summary>
    public static async ValueTask<Fault?> ForWrite(IState state, Resource resource, CancellationToken cancellation) => resource switch
    {
        Resource<JoinTokenSpec> token => GeneralRules.Failed(Name(token.Spec.Name)),
        Resource<DefaultJoinTokenSpec> chosen when (await state.Get(Kinds.JoinTokens.Named(chosen.Spec.TokenId), cancellation)).Fault is Fault.NotFound =>
            GeneralRules.Failed([$"no token with id \"{chosen.Spec.TokenId}\" exists"]),
        _ => null,
    };

    /// <summary>Why a resource must stay; null when it may go.</summary>
    public static async ValueTask<Fault?> ForRemoval(IState state, ResourceRef reference, CancellationToken cancellation)
    {
        if (reference.Kind == Kinds.DefaultJoinTokens.Ref)
        {
            return GeneralRules.Failed(["destroying the default join token resource is not allowed"]);
        }

        return reference.Kind == Kinds.JoinTokens.Ref
            && (await state.Get(Kinds.DefaultJoinTokens, DefaultId, cancellation)).Succeeded(out var chosen, out _)
            && chosen.Spec.TokenId == reference.Id
            ? GeneralRules.Failed(["deleting default join token is not possible"])
            : null;
    }

    private static List<string> Name(string name)
    {
        var errors = new List<string>();
        if (name.Length == 0)
        {
            errors.Add("the join token name cannot be empty");
        }

        if (Encoding.UTF8.GetByteCount(name) > MaxName)
        {
            errors.Add($"join token name cannot be longer than {MaxName} symbols");
        }

        if (name.Any(char.IsControl))
        {
            errors.Add("the join token name must not contain control characters");
        }

        return errors;
    }
}
