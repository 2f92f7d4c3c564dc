using System.Text.Encodings.Web;
using System.Text.Json;

namespace Fleethold.Bench.Measuring;

/// <summary>
/// What a benchmark found: prints each figure when it is known, and the headline last; keeps all of them for the result file.
/// </summary>
internal sealed class Report(string benchmark, TextWriter output)
{
    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly List<Figure> _figures = [];

    /// <summary>Adds and prints a figure of one case.</summary>
    public Figure Add(string name, double value, string unit, string? peer = null, double? peerValue = null)
    {
        var figure = new Figure($"{benchmark}/{name}", value, unit, peer, peerValue);
        _figures.Add(figure);
        output.WriteLine(figure.Line);
        return figure;
    }

    /// <summary>Says what is being done; not a figure.</summary>
    public void Note(string text) => Console.Error.WriteLine($"# {benchmark}: {text}");

    /// <summary>Prints the headline and writes the result file.</summary>
    /// <param name="headline">One of the figures of this report.</param>
    /// <param name="folder">The folder of result files.</param>
    /// <param name="circumstances">What was measured where.</param>
    public void Finish(Figure headline, string folder, Circumstances circumstances)
    {
        output.WriteLine((headline with { Name = benchmark }).Line);
        Directory.CreateDirectory(folder);
        var document = new
        {
            Name = benchmark,
            headline.Value,
            headline.Unit,
            headline.Peer,
            headline.PeerValue,
            headline.Ratio,
            circumstances.Commit,
            circumstances.Date,
            circumstances.Cores,
            circumstances.Quick,
            Results = _figures,
        };
        File.WriteAllText(Path.Combine(folder, $"{benchmark}.json"), JsonSerializer.Serialize(document, Format) + "\n");
    }
}

/// <summary>What was measured where.</summary>
/// <param name="Commit">The commit of the measured code, with <c>+changes</c> when the checkout had any.</param>
/// <param name="Date">The day.</param>
/// <param name="Cores">Processors that the process may use.</param>
/// <param name="Quick">True for a short run, which is no evidence.</param>
internal sealed record Circumstances(string Commit, string Date, int Cores, bool Quick);
