namespace Fleethold.Storage.Sealing;

/// <summary>What can wrap a master key into a slot.</summary>
internal interface ISlotRecipient
{
    /// <summary>The name of its slot: the same key always has the same name.</summary>
    string SlotName { get; }

    /// <summary>For people: whose key it is.</summary>
    string Label { get; }

    /// <summary>The public key in ASCII armour, with which later master keys are wrapped too; null when only the key itself can do it.</summary>
    string? PublicKey { get; }

    string Wrap(MasterKey key);
}

/// <summary>What can also open the slot.</summary>
internal interface ISlotKey : ISlotRecipient
{
    /// <exception cref="SealException">The text is damaged or wrapped for another key.</exception>
    MasterKey Unwrap(string wrapped, uint keyId);
}
