namespace Fleethold.Storage.Sealing;

/// <summary>The keys that the configuration names: sources that open the store, and public keys that get a slot too.</summary>
internal sealed class ConfiguredKeys(IReadOnlyList<KeySource> sources, IReadOnlyList<string> recipientFiles, KeySourceReader reader) : IStoreKeys
{
    public async ValueTask<KeySlots> Open(KeyRingDocument? stored, CancellationToken cancellation)
    {
        if (sources.Count == 0)
        {
            throw new SealException("no key for the store is configured: name a key file, an environment variable, or a private key source");
        }

        var (keys, problems) = (new List<ISlotKey>(), new List<SealException>());
        foreach (var source in sources)
        {
            try
            {
                keys.Add(await reader.Read(source, stored is null, cancellation));
            }
            catch (SealException problem) when (stored is not null)
            {
                // Another of the keys may open the store.
                problems.Add(problem);
            }
        }

        var recipients = (IReadOnlyList<ISlotRecipient>)[.. keys, .. recipientFiles.Select(KeySourceReader.ReadRecipient)];
        if (stored is null)
        {
            return KeySlots.Create(recipients);
        }

        if (keys.Count == 0)
        {
            throw new SealException(string.Join("; ", problems.Select(problem => problem.Message)));
        }

        try
        {
            return KeySlots.Open(stored, keys).With(recipients);
        }
        catch (SealException failure) when (problems.Count > 0)
        {
            throw new SealException($"{failure.Message}; moreover {string.Join("; ", problems.Select(problem => problem.Message))}", failure);
        }
    }
}
