using Fleethold.Resources;
using Fleethold.Storage.Sealing;

namespace Fleethold.Storage.Tests.Sealing;

public sealed class SealingLaneTests
{
    private static readonly KeyRing Ring = new([MasterKey.Generate(1)]);

    [Fact]
    public void A_sealed_row_opens_to_what_was_sealed()
    {
        using var lane = new SealingLane(Ring);
        var (head, blob) = Sealed(lane, "content"u8);

        var content = new byte[SealingLane.ContentLength(blob)];
        lane.Unseal(blob, head, content);

        Assert.Equal("content"u8, content);
    }

    [Fact]
    public void Any_changed_byte_of_blob_or_head_is_noticed()
    {
        using var lane = new SealingLane(Ring);
        var (head, blob) = Sealed(lane, "content"u8);
        var content = new byte[SealingLane.ContentLength(blob)];

        for (var index = 0; index < blob.Length + head.Length; index++)
        {
            byte[] badHead = [.. head];
            byte[] badBlob = [.. blob];
            (index < blob.Length ? badBlob : badHead)[index < blob.Length ? index : index - blob.Length] ^= 1;
            Assert.Throws<SealException>(() => lane.Unseal(badBlob, badHead, content));
        }
    }

    [Fact]
    public void Any_changed_byte_of_a_head_is_seen_without_opening_the_row()
    {
        using var lane = new SealingLane(Ring);
        var (head, _) = Sealed(lane, "content"u8);
        Assert.True(RowHead.IsWhole(head));
        Assert.False(RowHead.IsWhole(head.AsSpan(1)));

        for (var index = 0; index < head.Length; index++)
        {
            byte[] bad = [.. head];
            bad[index] ^= 1;
            Assert.False(RowHead.IsWhole(bad));
        }
    }

    [Fact]
    public void No_two_rows_share_salt_and_counter_also_from_lanes_of_one_key()
    {
        using var first = new SealingLane(Ring);
        using var second = new SealingLane(Ring);

        var used = new HashSet<string>();
        for (var row = 0; row < 100; row++)
        {
            Assert.True(used.Add(Convert.ToHexString(Sealed(first, "x"u8).Blob.AsSpan(5, 24))));
            Assert.True(used.Add(Convert.ToHexString(Sealed(second, "x"u8).Blob.AsSpan(5, 24))));
        }
    }

    [Fact]
    public void A_row_of_an_older_master_key_opens_while_that_is_in_the_ring()
    {
        var (old, current) = (MasterKey.Generate(1), MasterKey.Generate(2));
        var ring = new KeyRing([old]);
        using var lane = new SealingLane(ring);
        var (head, blob) = Sealed(lane, "content"u8);

        ring.Replace([old, current]);
        lane.Unseal(blob, head, new byte[7]);
        Assert.Equal(2u, SealingLane.KeyIdOf(Sealed(lane, "content"u8).Blob));

        using var later = new SealingLane(new KeyRing([current]));
        Assert.Contains("master key 1", Assert.Throws<SealException>(() => later.Unseal(blob, head, new byte[7])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Row_keys_tell_apart_namespace_type_and_id_wherever_their_borders_are()
    {
        using var lane = new SealingLane(Ring);
        ResourceRef[] references = [new("a", "b", "c"), new("ab", "", "c"), new("", "ab", "c"), new("a", "bc", ""), new("a", "", "bc"), new("", "", "abc")];

        Assert.Equal(references.Length, references.Select(reference => Name(lane, reference)).Distinct().Count());
        Assert.Equal(Name(lane, references[0]), Name(lane, references[0]));
    }

    private static string Name(SealingLane lane, ResourceRef reference)
    {
        var name = new byte[RowHead.KeyLength];
        lane.NameRow(reference, name);
        return Convert.ToHexString(name);
    }

    private static (byte[] Head, byte[] Blob) Sealed(SealingLane lane, ReadOnlySpan<byte> content)
    {
        var head = new byte[RowHead.Length];
        RowHead.Write(head, RowKind.Resource, 5, 3);
        var blob = new byte[content.Length + SealingLane.Overhead];
        lane.Seal(content, head, blob);
        return (head, blob);
    }
}
