using Fleethold.Resources;

namespace Fleethold.Runtime.Controllers;

/// <summary>Controllers that can run together: their declarations were checked against each other.</summary>
public sealed class ControllerSet
{
    /// <summary>Checks and keeps controllers.</summary>
    /// <exception cref="ControllerDeclarationException">Some declarations are impossible; it names all of them.</exception>
    public ControllerSet(params IEnumerable<Controller> controllers)
    {
        Controllers = [.. controllers];
        if (Validate(Controllers) is { Count: > 0 } errors)
        {
            throw new ControllerDeclarationException(errors);
        }

        Graph = new ControllerGraph(Controllers);
    }

    /// <summary>The controllers, in the order given.</summary>
    public IReadOnlyList<Controller> Controllers { get; }

    /// <summary>Who reads and writes what.</summary>
    public ControllerGraph Graph { get; }

    /// <summary>Everything that is wrong with a set of controllers, each as a sentence that says what to do; empty when it can run.</summary>
    public static IReadOnlyList<string> Validate(IEnumerable<Controller> controllers)
    {
        var all = controllers.ToArray();
        var errors = new List<string>();
        foreach (var controller in all)
        {
            CheckAlone(controller, errors);
        }

        foreach (var same in all.Where(static one => one.Name.Length > 0).GroupBy(static one => one.Name).Where(static group => group.Count() > 1))
        {
            errors.Add($"{same.Count()} controllers are named {same.Key}: owners and finalizers would be mixed up, give each a name of its own");
        }

        CheckWriters(all, errors);
        CheckCycles(all, errors);
        return errors;
    }

    private static void CheckAlone(Controller controller, List<string> errors)
    {
        var name = controller.Name;
        if (name.Length == 0 || name.Any(static one => char.IsWhiteSpace(one) || char.IsControl(one)))
        {
            errors.Add($"a controller is named \"{name}\": the name is an owner and a finalizer, it must be one word");
        }

        void Require(bool condition, string error)
        {
            if (!condition)
            {
                errors.Add($"controller {name} {error}");
            }
        }

        Require(controller.Concurrency > 0, $"has concurrency {controller.Concurrency}: it must be at least 1");
        Require(controller.Interval is null || controller.Interval > TimeSpan.Zero, $"has interval {controller.Interval}: it must be longer than 0");
        var backoff = controller.Backoff;
        Require(
            backoff.Initial > TimeSpan.Zero && backoff.Maximum >= backoff.Initial && backoff.Factor >= 1 && backoff.Jitter is >= 0 and < 1,
            $"has the back-off {backoff}: it needs 0 < initial <= maximum, factor >= 1 and 0 <= jitter < 1");
        Require(
            controller.Inputs.Any(static input => input.Use is not InputUse.Lookup) || controller.FixedItems.Count > 0,
            "has nothing that wakes it: declare a primary input, a mapped input or a fixed item");
        Require(
            controller.FixedItems.Count == 0 || controller.Inputs.All(static input => input.Use is not InputUse.Primary),
            "has primary inputs and fixed items: mapped inputs wouldn't know which are meant, split it");
        Require(controller.FixedItems.All(static id => id.Length > 0), "has a fixed item without a name");
        foreach (var input in controller.Inputs)
        {
            Require(
                input.Kind.Namespace is not Namespaces.Virtual and not Namespaces.External || input.Use is InputUse.Lookup,
                $"watches {input.Kind}, which is computed when read: it can only be looked up");
        }

        foreach (var output in controller.Outputs)
        {
            Require(
                output.Kind.Namespace is not (Namespaces.Virtual or Namespaces.External or Namespaces.Meta),
                $"writes {output.Kind} in namespace {output.Kind.Namespace}, which can't be written");
        }

        foreach (var twice in controller.Inputs.GroupBy(static input => (input.Kind.Ref, input.Use)).Where(static group => group.Count() > 1))
        {
            errors.Add($"controller {name} declares the input {twice.Key.Ref} as {twice.Key.Use} {twice.Count()} times: once is enough");
        }

        foreach (var twice in controller.Outputs.GroupBy(static output => output.Kind.Ref).Where(static group => group.Count() > 1))
        {
            errors.Add($"controller {name} declares the output {twice.Key} {twice.Count()} times: once is enough");
        }
    }

    private static void CheckWriters(Controller[] all, List<string> errors)
    {
        var writers = all
            .SelectMany(static controller => controller.Outputs.Select(output => (controller.Name, output.Kind.Ref, output.Use)))
            .Distinct()
            .GroupBy(static writer => writer.Ref);
        foreach (var kind in writers)
        {
            var exclusive = kind.Where(static writer => writer.Use is OutputUse.Exclusive).Select(static writer => writer.Name).ToArray();
            var names = kind.Select(static writer => writer.Name).Distinct().ToArray();
            if (exclusive.Length > 0 && names.Length > 1)
            {
                errors.Add(
                    $"{kind.Key} is written by {string.Join(", ", names)}, but {string.Join(", ", exclusive)} declared to be the only writer: declare it shared everywhere, or write it in one place");
            }
        }
    }

    /// <summary>
    /// Inputs that come from outputs that come from these inputs: no first one could ever be made, and no last one removed, as each holds a finalizer
    /// on the one before. Mapped inputs may go in circles: they only wake.
    /// </summary>
    private static void CheckCycles(Controller[] all, List<string> errors)
    {
        var from = all
            .Where(static controller => controller.IsTransform)
            .ToLookup(static controller => controller.Inputs[0].Kind.Ref);
        var done = new HashSet<KindRef>();
        foreach (var start in from)
        {
            Walk(start.Key, []);
        }

        void Walk(KindRef kind, List<Controller> path)
        {
            var repeated = path.FindIndex(step => step.Inputs[0].Kind.Ref == kind);
            if (repeated >= 0)
            {
                var cycle = path[repeated..];
                errors.Add(
                    $"controllers feed themselves: {string.Join(", ", cycle.Select(step => $"{step.Name} makes {step.Outputs[0].Kind} from {step.Inputs[0].Kind}"))}; cut the circle, for example with a mapped input");
                return;
            }

            if (done.Contains(kind))
            {
                return;
            }

            foreach (var controller in from[kind])
            {
                Walk(controller.Outputs[0].Kind.Ref, [.. path, controller]);
            }

            done.Add(kind);
        }
    }
}

/// <summary>Controllers that can't run as declared.</summary>
public sealed class ControllerDeclarationException(IReadOnlyList<string> errors)
    : Exception($"{errors.Count} impossible controller declaration(s): {string.Join("; ", errors)}")
{
    /// <summary>Everything that is wrong, each as a sentence.</summary>
    public IReadOnlyList<string> Errors { get; } = errors;
}
