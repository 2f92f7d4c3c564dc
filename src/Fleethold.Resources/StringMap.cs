using System.Collections;
using System.Diagnostics.CodeAnalysis;
using Fleethold.Resources.Queries;

namespace Fleethold.Resources;

/// <summary>
/// An immutable map of texts, kept sorted by key (by code point, as on the wire): labels and annotations. Equality is by content.
/// </summary>
public sealed class StringMap : IReadOnlyDictionary<string, string>, IEquatable<StringMap>
{
    private readonly KeyValuePair<string, string>[] _pairs;

    private StringMap(KeyValuePair<string, string>[] pairs) => _pairs = pairs;

    /// <summary>The map without entries.</summary>
    public static StringMap Empty { get; } = new([]);

    /// <summary>Copies pairs; when a key comes more than once, the last one holds.</summary>
    public static StringMap From(IEnumerable<KeyValuePair<string, string>> pairs)
    {
        var sorted = new SortedDictionary<string, string>(CodePointOrder.Instance);
        foreach (var (key, value) in pairs)
        {
            sorted[key] = value;
        }

        return sorted.Count == 0 ? Empty : new StringMap([.. sorted]);
    }

    /// <summary>Copies pairs; cheap when they are sorted already, as those that we stored are.</summary>
    internal static StringMap FromList(ReadOnlySpan<KeyValuePair<string, string>> pairs)
    {
        for (var index = 1; index < pairs.Length; index++)
        {
            if (string.CompareOrdinal(pairs[index - 1].Key, pairs[index].Key) >= 0)
                return From(pairs.ToArray());
        }

        return pairs.Length == 0 ? Empty : new StringMap(pairs.ToArray());
    }

    /// <summary>Copies pairs.</summary>
    public static StringMap Of(params ReadOnlySpan<(string Key, string Value)> pairs)
    {
        var list = new List<KeyValuePair<string, string>>(pairs.Length);
        foreach (var (key, value) in pairs)
        {
            list.Add(new(key, value));
        }

        return From(list);
    }

    /// <summary>The entries in key order, without a copy.</summary>
    public ReadOnlySpan<KeyValuePair<string, string>> Pairs => _pairs;

    /// <inheritdoc/>
    public int Count => _pairs.Length;

    /// <inheritdoc/>
    public IEnumerable<string> Keys => _pairs.Select(pair => pair.Key);

    /// <inheritdoc/>
    public IEnumerable<string> Values => _pairs.Select(pair => pair.Value);

    /// <inheritdoc/>
    public string this[string key] => TryGetValue(key, out var value) ? value : throw new KeyNotFoundException(key);

    /// <inheritdoc/>
    public bool ContainsKey(string key) => IndexOf(key) >= 0;

    /// <inheritdoc/>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out string value)
    {
        var index = IndexOf(key);
        value = index < 0 ? null : _pairs[index].Value;
        return index >= 0;
    }

    /// <summary>A copy with one entry set.</summary>
    public StringMap With(string key, string value) => TryGetValue(key, out var present) && present == value ? this : From(_pairs.Append(new(key, value)));

    /// <summary>A copy without one entry; the same map when it has none.</summary>
    public StringMap Without(string key) => ContainsKey(key) ? From(_pairs.Where(pair => pair.Key != key)) : this;

    /// <inheritdoc/>
    public bool Equals(StringMap? other) => other is not null && (ReferenceEquals(this, other) || _pairs.AsSpan().SequenceEqual(other._pairs));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as StringMap);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var (key, value) in _pairs)
        {
            hash.Add(key, StringComparer.Ordinal);
            hash.Add(value, StringComparer.Ordinal);
        }

        return hash.ToHashCode();
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => ((IEnumerable<KeyValuePair<string, string>>)_pairs).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private int IndexOf(string key)
    {
        // Most maps have a handful of entries, where a scan beats a binary search.
        for (var index = 0; index < _pairs.Length; index++)
        {
            if (_pairs[index].Key == key)
            {
                return index;
            }
        }

        return -1;
    }
}
