using System.Text;

namespace Fleethold.Runtime.Controllers;

/// <summary>What an edge of the graph says.</summary>
public enum GraphEdgeUse
{
    /// <summary>The kind's resources are the controller's items.</summary>
    Primary,

    /// <summary>Changes of the kind wake items of the controller.</summary>
    Mapped,

    /// <summary>The controller reads the kind, but isn't woken by it.</summary>
    Lookup,

    /// <summary>The controller alone writes the kind.</summary>
    Writes,

    /// <summary>The controller writes the kind, as others do.</summary>
    WritesShared,

    /// <summary>The controller destroys what is torn down and ready.</summary>
    Destroys,
}

/// <summary>One line of the graph, between a controller and a kind.</summary>
/// <param name="Controller">Name of the controller.</param>
/// <param name="Kind">Type of the kind.</param>
/// <param name="Use">What it says.</param>
public sealed record GraphEdge(string Controller, string Kind, GraphEdgeUse Use)
{
    /// <summary>True when data flows from the kind to the controller.</summary>
    public bool IsInput => Use is GraphEdgeUse.Primary or GraphEdgeUse.Mapped or GraphEdgeUse.Lookup;
}

/// <summary>
/// Who reads and writes what, made from the declarations. Controllers, kinds and edges are in ordinal order, so that equal declarations give equal text.
/// </summary>
public sealed class ControllerGraph
{
    internal ControllerGraph(IEnumerable<Controller> controllers)
    {
        var all = controllers.ToArray();
        Controllers = [.. all.Select(static controller => controller.Name).Order(StringComparer.Ordinal)];
        Edges =
        [
            .. all.SelectMany(EdgesOf)
                .OrderBy(static edge => edge.Controller, StringComparer.Ordinal)
                .ThenBy(static edge => edge.Use)
                .ThenBy(static edge => edge.Kind, StringComparer.Ordinal),
        ];
        Kinds = [.. Edges.Select(static edge => edge.Kind).Distinct().Order(StringComparer.Ordinal)];
    }

    /// <summary>Names of all controllers.</summary>
    public IReadOnlyList<string> Controllers { get; }

    /// <summary>Types of all kinds that a controller reads or writes.</summary>
    public IReadOnlyList<string> Kinds { get; }

    /// <summary>All lines.</summary>
    public IReadOnlyList<GraphEdge> Edges { get; }

    /// <summary>
    /// The graph as a Mermaid flowchart: controllers are boxes, kinds are rounded; a thick line creates, a plain one feeds, a dotted one wakes or is looked up.
    /// </summary>
    public string ToMermaid()
    {
        var text = new StringBuilder("flowchart LR\n");
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var kind in Kinds)
        {
            names["kind " + kind] = $"k{names.Count}";
            text.Append("    ").Append(names["kind " + kind]).Append("([\"").Append(Escape(ShortName(kind))).Append("\"])\n");
        }

        foreach (var controller in Controllers)
        {
            names["controller " + controller] = $"c{names.Count - Kinds.Count}";
            text.Append("    ").Append(names["controller " + controller]).Append("[\"").Append(Escape(controller)).Append("\"]\n");
        }

        foreach (var edge in Edges)
        {
            var (controller, kind) = (names["controller " + edge.Controller], names["kind " + edge.Kind]);
            text.Append("    ").Append(edge.Use switch
            {
                GraphEdgeUse.Primary => $"{kind} --> {controller}",
                GraphEdgeUse.Mapped => $"{kind} -.-> {controller}",
                GraphEdgeUse.Lookup => $"{kind} -. looked up .-> {controller}",
                GraphEdgeUse.Writes => $"{controller} ==> {kind}",
                GraphEdgeUse.WritesShared => $"{controller} == shared ==> {kind}",
                _ => $"{controller} -- destroys --> {kind}",
            }).Append('\n');
        }

        return text.ToString();
    }

    private static IEnumerable<GraphEdge> EdgesOf(Controller controller)
    {
        foreach (var input in controller.Inputs)
        {
            yield return new GraphEdge(controller.Name, input.Kind.Type, input.Use switch
            {
                InputUse.Primary => GraphEdgeUse.Primary,
                InputUse.Mapped => GraphEdgeUse.Mapped,
                _ => GraphEdgeUse.Lookup,
            });
            if (input.Use is InputUse.Primary && controller.DestroysPrimary)
            {
                yield return new GraphEdge(controller.Name, input.Kind.Type, GraphEdgeUse.Destroys);
            }
        }

        foreach (var output in controller.Outputs)
        {
            yield return new GraphEdge(
                controller.Name, output.Kind.Type, output.Use is OutputUse.Exclusive ? GraphEdgeUse.Writes : GraphEdgeUse.WritesShared);
        }
    }

    private static string ShortName(string type) => type.EndsWith(".omni.sidero.dev", StringComparison.Ordinal) ? type[..type.IndexOf('.')] : type;

    private static string Escape(string text) => text.Replace("\"", "#quot;", StringComparison.Ordinal);
}
