using Fleethold.Storage.Sealing;

namespace Fleethold.Storage.Tests.Sealing;

public sealed class KeySlotsTests
{
    private static readonly SecretSlotKey First = TestKeys.Secret(1);
    private static readonly SecretSlotKey Second = TestKeys.Secret(2);

    [Fact]
    public void Each_key_with_a_slot_opens_the_store()
    {
        var slots = KeySlots.Create([First, Second]);

        foreach (var key in (SecretSlotKey[])[First, Second])
        {
            var open = KeySlots.Open(KeyRingDocument.Parse(slots.Document.ToJson()), [key]);
            Assert.Equal(slots.Keys[0].Secret, open.Keys[0].Secret);
        }
    }

    [Fact]
    public void A_wrong_key_is_told_which_slots_there_are()
    {
        var slots = KeySlots.Create([First]);

        var message = Refused(slots.Document, Second);

        Assert.Contains(First.SlotName, message, StringComparison.Ordinal);
        Assert.Contains("Configure a key of one of its slots", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_slot_is_named_and_the_damage_is_seen_through_other_slots_too()
    {
        var slots = KeySlots.Create([First, Second]);
        var damaged = slots.Document with
        {
            Slots = slots.Document.Slots.ConvertAll(slot => slot.Name == First.SlotName ? slot with { Wrapped = new() { [1] = "AAAA" } } : slot),
        };

        Assert.Contains($"slot {First.SlotName} is damaged", Refused(damaged, First), StringComparison.Ordinal);
        Assert.Contains("changed by something", Refused(damaged, Second), StringComparison.Ordinal);
    }

    [Fact]
    public void Slots_that_somebody_without_the_master_key_changed_are_refused()
    {
        var document = KeySlots.Create([First, Second]).Document;
        var without = document with { Slots = [.. document.Slots.Where(slot => slot.Name == First.SlotName)] };
        var renamed = document with { Slots = document.Slots.ConvertAll(slot => slot with { Label = "me" }) };

        foreach (var changed in (KeyRingDocument[])[without, renamed, document with { Mac = "" }])
        {
            Assert.Contains("restore the store from a backup", Refused(changed, First), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_removed_slot_opens_nothing_and_the_last_one_stays()
    {
        var slots = KeySlots.Create([First, Second]).Without(First.SlotName);

        Refused(slots.Document, First);
        Assert.Single(KeySlots.Open(slots.Document, [Second]).Keys);
        Assert.Contains("only key slot", Assert.Throws<SealException>(() => slots.Without(Second.SlotName)).Message, StringComparison.Ordinal);
        Assert.Contains("no key slot nobody", Assert.Throws<SealException>(() => slots.Without("nobody")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_rotation_needs_the_keys_of_slots_without_a_public_key()
    {
        var slots = KeySlots.Create([First, Second]);

        Assert.Contains(Second.SlotName, Assert.Throws<SealException>(() => slots.WithNewKey([First])).Message, StringComparison.Ordinal);

        var rotating = slots.WithNewKey([First, Second]);
        Assert.Equal([1u, 2u], KeySlots.Open(rotating.Document, [Second]).Keys.Select(key => key.Id));
        var done = rotating.WithoutOldKeys();
        Assert.Equal([2u], KeySlots.Open(done.Document, [First]).Keys.Select(key => key.Id));
        Assert.False(slots.Keys[0].Secret.SequenceEqual(done.Keys[0].Secret));
    }

    [Fact]
    public void A_slot_of_an_OpenPGP_key_is_opened_by_its_private_half_and_keeps_up_with_rotations()
    {
        var (privateKey, publicKey) = PgpKeys.Generate("Ada <ada@example.org>");
        var recipient = OpenPgpRecipient.Parse(publicKey);
        var slots = KeySlots.Create([First, recipient]);

        var open = KeySlots.Open(KeyRingDocument.Parse(slots.Document.ToJson()), [OpenPgpSlotKey.Parse(privateKey)]);
        var rotated = open.WithNewKey([First]).WithoutOldKeys();

        Assert.Equal(slots.Keys[0].Secret, open.Keys[0].Secret);
        Assert.Equal("Ada <ada@example.org>", recipient.Label);
        Assert.Equal(rotated.Keys[0].Secret, KeySlots.Open(rotated.Document, [OpenPgpSlotKey.Parse(privateKey)]).Keys[0].Secret);
    }

    [Fact]
    public void The_message_in_a_slot_opens_for_no_other_OpenPGP_key()
    {
        var wrapped = OpenPgpRecipient.Parse(PgpKeys.Generate("Ada").Public).Wrap(MasterKey.Generate(1));
        var other = OpenPgpSlotKey.Parse(PgpKeys.Generate("Eve").Private);

        Assert.Contains("another OpenPGP key", Assert.Throws<SealException>(() => other.Unwrap(wrapped, 1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_OpenPGP_key_with_a_passphrase_is_refused_with_what_to_do()
    {
        var (privateKey, _) = PgpKeys.Generate("Ada", "secret");

        Assert.Contains("without", Assert.Throws<SealException>(() => OpenPgpSlotKey.Parse(privateKey)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("no key")]
    [InlineData("-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nAAAA\n-----END PGP PRIVATE KEY BLOCK-----\n")]
    public void What_is_no_OpenPGP_key_is_refused(string text)
    {
        Assert.Throws<SealException>(() => OpenPgpSlotKey.Parse(text));
        Assert.Throws<SealException>(() => OpenPgpRecipient.Parse(text));
    }

    private static string Refused(KeyRingDocument document, SecretSlotKey key) =>
        Assert.Throws<SealException>(() => KeySlots.Open(document, [key])).Message;
}
