using Fleethold.Storage.Sealing;

namespace Fleethold.Storage.Tests;

/// <summary>Keys in memory.</summary>
internal sealed class TestKeys(params ISlotKey[] keys) : IStoreKeys
{
    public static SecretSlotKey Secret(byte fill) => new([.. Enumerable.Repeat(fill, 32)]);

    public static TestKeys Default { get; } = new(Secret(1));

    public ValueTask<KeySlots> Open(KeyRingDocument? stored, CancellationToken cancellation) =>
        new(stored is null ? KeySlots.Create(keys) : KeySlots.Open(stored, keys).With(keys));
}
