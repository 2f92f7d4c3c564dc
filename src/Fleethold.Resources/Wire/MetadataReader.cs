using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Fleethold.Resources.Wire;

/// <summary>
/// Collects the fields of <c>cosi.resource.Metadata</c> and turns them into <see cref="Metadata"/>, with COSI's rules for version and phase
/// (reference/resources.md 1.1) and its texts where they are broken.
/// </summary>
internal struct MetadataReader()
{
    private StringMap _labels = StringMap.Empty;
    private StringMap _annotations = StringMap.Empty;
    private ImmutableArray<string> _finalizers = [];

    [ThreadStatic]
    private static List<KeyValuePair<string, string>>? _scratch;

    public string Namespace { get; set; } = "";

    public string Type { get; set; } = "";

    public string Id { get; set; } = "";

    public string Version { get; set; } = "";

    public string Owner { get; set; } = "";

    public string Phase { get; set; } = "";

    // An absent timestamp is the Unix epoch for Go's clients, not the zero time.
    public Instant Created { get; set; }

    public Instant Updated { get; set; }

    public void SetLabels(StringMap labels) => _labels = labels;

    public void SetAnnotations(StringMap annotations) => _annotations = annotations;

    public void SetFinalizers(ImmutableArray<string> finalizers) => _finalizers = finalizers;

    /// <exception cref="InvalidDataException">The bytes are not the message.</exception>
    public static MetadataReader Read(ReadOnlySpan<byte> bytes)
    {
        var result = new MetadataReader();
        ImmutableArray<string>.Builder? finalizers = null;
        var (hasLabels, hasAnnotations) = (false, false);
        var reader = new WireReader(bytes);
        while (reader.TryReadTag(out var field, out var wireType))
        {
            if (wireType != WireReader.Bytes || field > 11)
            {
                reader.Skip(wireType);
                continue;
            }

            var value = reader.ReadBytes();
            try
            {
                switch (field)
                {
                    case 1:
                        result.Namespace = Utf8Interner.Get(value);
                        break;
                    case 2:
                        result.Type = Utf8Interner.Get(value);
                        break;
                    case 3:
                        result.Id = StrictText.Decode(value);
                        break;
                    case 4:
                        result.Version = VersionText(value);
                        break;
                    case 5:
                        result.Owner = Utf8Interner.Get(value);
                        break;
                    case 6:
                        result.Phase = Utf8Interner.Get(value);
                        break;
                    case 7:
                        result.Created = ReadTime(value);
                        break;
                    case 8:
                        result.Updated = ReadTime(value);
                        break;
                    case 9:
                        (finalizers ??= ImmutableArray.CreateBuilder<string>()).Add(Utf8Interner.Get(value));
                        break;
                    case 10:
                        hasLabels = true;
                        break;
                    case 11:
                        hasAnnotations = true;
                        break;
                }
            }
            catch (DecoderFallbackException)
            {
                throw new InvalidDataException("the encoded resource is damaged: a text is not UTF-8");
            }
        }

        result._finalizers = finalizers?.DrainToImmutable() ?? [];
        result._labels = hasLabels ? ReadMap(bytes, 10) : StringMap.Empty;
        result._annotations = hasAnnotations ? ReadMap(bytes, 11) : StringMap.Empty;
        return result;
    }

    /// <summary>The metadata, or why it can't be.</summary>
    public readonly Outcome<Resources.Metadata> ToMetadata()
    {
        if (!TryParseVersion(Version, out var version, out var problem))
            return new Fault.Invalid($"error parsing version: {problem}");

        if (!PhaseText.TryParse(Phase, out var phase))
            return new Fault.Invalid($"unknown phase: {Phase}");

        return new Resources.Metadata(new ResourceRef(Namespace, Type, Id))
        {
            Version = version,
            Owner = Owner,
            Phase = phase,
            Created = Created,
            Updated = Updated,
            Labels = _labels,
            Annotations = _annotations,
            Finalizers = _finalizers,
        };
    }

    // The words are those of Go's strconv, which clients get to see.
    private static bool TryParseVersion(string text, out ResourceVersion version, out string problem)
    {
        (version, problem) = (default, "");
        if (text == "undefined")
            return true;

        var digits = text.AsSpan(text is ['+' or '-', ..] ? 1 : 0);
        var wellFormed = digits.Length > 0 && !digits.ContainsAnyExceptInRange('0', '9');
        if (wellFormed && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            version = new ResourceVersion(unchecked((ulong)number));
            return true;
        }

        problem = $"strconv.ParseInt: parsing {GoText.Quote(text)}: {(wellFormed ? "value out of range" : "invalid syntax")}";
        return false;
    }

    // Small versions are common and their texts needn't be made again and again.
    private static string VersionText(ReadOnlySpan<byte> utf8) => utf8.Length <= 4 ? Utf8Interner.Get(utf8) : StrictText.Decode(utf8);

    // The entries of a map come one by one, if not necessarily in a row.
    private static StringMap ReadMap(ReadOnlySpan<byte> bytes, int wanted)
    {
        var pairs = _scratch ??= [];
        pairs.Clear();
        var reader = new WireReader(bytes);
        try
        {
            while (reader.TryReadTag(out var field, out var wireType))
            {
                if (wireType != WireReader.Bytes || field != wanted)
                    reader.Skip(wireType);
                else
                    pairs.Add(ReadEntry(reader.ReadBytes()));
            }
        }
        catch (DecoderFallbackException)
        {
            throw new InvalidDataException("the encoded resource is damaged: a text is not UTF-8");
        }

        return StringMap.FromList(CollectionsMarshal.AsSpan(pairs));
    }

    private static KeyValuePair<string, string> ReadEntry(ReadOnlySpan<byte> bytes)
    {
        string key = "", value = "";
        var reader = new WireReader(bytes);
        while (reader.TryReadTag(out var field, out var wireType))
        {
            if (wireType != WireReader.Bytes || field > 2)
                reader.Skip(wireType);
            else if (field == 1)
                key = Utf8Interner.Get(reader.ReadBytes());
            else
                value = Utf8Interner.Get(reader.ReadBytes());
        }

        return new(key, value);
    }

    private static Instant ReadTime(ReadOnlySpan<byte> bytes)
    {
        var seconds = 0L;
        var nanos = 0;
        var reader = new WireReader(bytes);
        while (reader.TryReadTag(out var field, out var wireType))
        {
            if (wireType != WireReader.Varint || field > 2)
                reader.Skip(wireType);
            else if (field == 1)
                seconds = unchecked((long)reader.ReadVarint());
            else
                nanos = unchecked((int)reader.ReadVarint());
        }

        return Instant.FromParts(seconds, nanos);
    }
}
