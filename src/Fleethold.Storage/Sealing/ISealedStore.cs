namespace Fleethold.Storage.Sealing;

/// <summary>What both backends let an operator do with the master key and its slots.</summary>
internal interface ISealedStore
{
    /// <summary>The master keys and their slots.</summary>
    KeySlots Slots { get; }

    /// <summary>Adds or removes slots: stores what <paramref name="change"/> makes of the present ones.</summary>
    /// <exception cref="SealException">Thrown by the change; nothing was stored.</exception>
    Task ChangeSlots(Func<KeySlots, KeySlots> change);

    /// <summary>
    /// Makes a new master key and seals everything anew while writes go on. Interrupted by a crash, it goes on with the next start.
    /// </summary>
    /// <param name="recipients">The keys of slots that have no public key.</param>
    /// <exception cref="SealException">A slot can't get the new key; nothing was changed.</exception>
    Task RotateMasterKey(IReadOnlyList<ISlotRecipient> recipients);
}

/// <summary>Opens the key slots of a store, or makes those of a new one.</summary>
internal interface IStoreKeys
{
    /// <param name="stored">The slots as stored; null for a new store.</param>
    /// <param name="cancellation">Stops the reading of keys.</param>
    /// <exception cref="SealException">No key opens them; the message says what to do.</exception>
    ValueTask<KeySlots> Open(KeyRingDocument? stored, CancellationToken cancellation);
}
