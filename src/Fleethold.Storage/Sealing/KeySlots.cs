namespace Fleethold.Storage.Sealing;

/// <summary>
/// The master keys of a store and the slots that hold them. A value: changes make a new one, which counts once its document is stored.
/// </summary>
internal sealed class KeySlots
{
    private KeySlots(KeyRingDocument document, IReadOnlyList<MasterKey> keys) => (Document, Keys) = (document, keys);

    public KeyRingDocument Document { get; }

    /// <summary>The open master keys, the current one last.</summary>
    public IReadOnlyList<MasterKey> Keys { get; }

    /// <summary>A new store's: one master key, in a slot for each recipient.</summary>
    public static KeySlots Create(IReadOnlyList<ISlotRecipient> recipients)
    {
        var key = MasterKey.Generate(1);
        var document = new KeyRingDocument { Version = 1, Keys = [key.Id], Slots = [] };
        return new KeySlots(document, [key]).With(recipients);
    }

    /// <summary>Opens the slots of a store with the first key that fits.</summary>
    /// <exception cref="SealException">No key fits, the slot is damaged, or the slots were tampered with.</exception>
    public static KeySlots Open(KeyRingDocument document, IReadOnlyList<ISlotKey> slotKeys)
    {
        var problems = new List<string>();
        foreach (var slotKey in slotKeys)
        {
            if (document.Slots.Find(slot => slot.Name == slotKey.SlotName) is not { } slot)
            {
                problems.Add($"no slot is for {slotKey.SlotName}");
                continue;
            }

            List<MasterKey> keys;
            try
            {
                keys = document.Keys.ConvertAll(id => slot.Wrapped.TryGetValue(id, out var wrapped)
                    ? slotKey.Unwrap(wrapped, id)
                    : throw new SealException($"it lacks master key {id}"));
            }
            catch (SealException failure)
            {
                problems.Add($"slot {slotKey.SlotName} is damaged: {failure.Message}");
                continue;
            }

            return document.IsAuthentic(keys[^1]) ? new KeySlots(document, keys) : throw new SealException(
                "the key slots of the store were changed by something that doesn't know the master key: restore the store from a backup");
        }

        var slots = string.Join(", ", document.Slots.Select(slot => slot.Label.Length == 0 ? slot.Name : $"{slot.Name} ({slot.Label})"));
        throw new SealException(
            $"none of the configured keys opens the store: {string.Join("; ", problems)}. "
            + $"Configure a key of one of its slots: {slots}; or restore the store from a backup whose key you have");
    }

    /// <summary>With a slot for each recipient that has none yet.</summary>
    public KeySlots With(IReadOnlyList<ISlotRecipient> recipients)
    {
        var slots = Document.Slots.ToList();
        foreach (var recipient in recipients)
        {
            if (slots.Exists(slot => slot.Name == recipient.SlotName))
            {
                continue;
            }

            slots.Add(new StoredSlot
            {
                Name = recipient.SlotName,
                Label = recipient.Label,
                PublicKey = recipient.PublicKey,
                Wrapped = new SortedDictionary<uint, string>(Keys.ToDictionary(key => key.Id, recipient.Wrap)),
            });
        }

        return slots.Count == Document.Slots.Count ? this : Made(Document with { Slots = slots }, Keys);
    }

    /// <summary>Without one slot.</summary>
    /// <exception cref="SealException">There is no such slot, or it is the last one.</exception>
    public KeySlots Without(string name)
    {
        var slots = Document.Slots.Where(slot => slot.Name != name).ToList();
        if (slots.Count == Document.Slots.Count)
        {
            throw new SealException($"the store has no key slot {name}: its slots are {string.Join(", ", slots.Select(slot => slot.Name))}");
        }

        return slots.Count > 0 ? Made(Document with { Slots = slots }, Keys) : throw new SealException(
            $"{name} is the only key slot: without it nobody could open the store; add another slot first");
    }

    /// <summary>
    /// With a new master key, which seals from now on; those before it stay until <see cref="WithoutOldKeys"/>. A slot keeps up by its public key or
    /// by its key in <paramref name="recipients"/>.
    /// </summary>
    /// <exception cref="SealException">A slot can't keep up: its key must be configured, or the slot removed first.</exception>
    public KeySlots WithNewKey(IReadOnlyList<ISlotRecipient> recipients)
    {
        var key = MasterKey.Generate(Keys[^1].Id + 1);
        var slots = Document.Slots.ConvertAll(slot =>
        {
            var recipient = recipients.FirstOrDefault(one => one.SlotName == slot.Name)
                ?? (slot.PublicKey is { } text ? OpenPgpRecipient.Parse(text) : throw new SealException(
                    $"key slot {slot.Name} can't get the new master key, as its key isn't configured: configure it for the rotation, or remove the slot first"));
            return slot with { Wrapped = new SortedDictionary<uint, string>(slot.Wrapped) { [key.Id] = recipient.Wrap(key) } };
        });
        return Made(Document with { Keys = [.. Document.Keys, key.Id], Slots = slots }, [.. Keys, key]);
    }

    /// <summary>With the current master key only: nothing is sealed with the others any more.</summary>
    public KeySlots WithoutOldKeys()
    {
        var current = Keys[^1];
        var slots = Document.Slots.ConvertAll(slot => slot with { Wrapped = new SortedDictionary<uint, string> { [current.Id] = slot.Wrapped[current.Id] } });
        return Made(Document with { Keys = [current.Id], Slots = slots }, [current]);
    }

    private static KeySlots Made(KeyRingDocument document, IReadOnlyList<MasterKey> keys) => new(document.Authenticated(keys[^1]), keys);
}
