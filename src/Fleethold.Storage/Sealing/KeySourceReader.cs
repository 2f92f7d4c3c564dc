using System.Security.Cryptography;
using System.Text;

namespace Fleethold.Storage.Sealing;

/// <summary>Reads the keys of slots from where they are kept.</summary>
/// <param name="variable">The value of an environment variable.</param>
/// <param name="http">For vault sources.</param>
internal sealed class KeySourceReader(Func<string, string?> variable, HttpClient http)
{
    private const int MostBytes = 1 << 20;

    /// <param name="source">Where the key is.</param>
    /// <param name="storeIsNew">True when there is nothing yet that a missing key would make unreadable.</param>
    /// <param name="cancellation">Stops the reading.</param>
    /// <exception cref="SealException">The key can't be read; the message says what to do.</exception>
    public async ValueTask<ISlotKey> Read(KeySource source, bool storeIsNew, CancellationToken cancellation)
    {
        var text = source switch
        {
            KeySource.KeyFile file => ReadFile(file, storeIsNew),
            KeySource.Variable name => variable(name.Name) is { Length: > 0 } value
                ? value
                : throw new SealException($"{source} is empty: set it to 32 random bytes in base64 (openssl rand -base64 32) or to an OpenPGP private key"),
            KeySource.Vault vault => await new VaultSecret(vault, variable, http).Read(cancellation),
            _ => throw new ArgumentException($"unknown key source {source}", nameof(source)),
        };
        if (text.Contains("-----BEGIN PGP", StringComparison.Ordinal))
        {
            try
            {
                return OpenPgpSlotKey.Parse(text);
            }
            catch (SealException failure)
            {
                throw new SealException($"{source} can't be used: {failure.Message}", failure);
            }
        }

        return SecretSlotKey.Parse(text) ?? throw new SealException(
            $"{source} holds neither 32 bytes in base64 nor an ASCII-armoured OpenPGP private key: put in what the store was made with");
    }

    /// <exception cref="SealException">It isn't a public key; the message says which file.</exception>
    public static OpenPgpRecipient ReadRecipient(string path)
    {
        try
        {
            return OpenPgpRecipient.Parse(ReadText(path));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or SealException)
        {
            throw new SealException($"the public key file {path} can't be used: {failure.Message}", failure);
        }
    }

    private static string ReadFile(KeySource.KeyFile source, bool storeIsNew)
    {
        try
        {
            return ReadText(source.Path);
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            if (!source.CreateIfMissing || !storeIsNew)
            {
                var remedy = storeIsNew ? "make one (openssl rand -base64 32)" : "put back the file that the store was made with";
                throw new SealException($"{source} is missing: {remedy}, readable only by the server", failure);
            }

            return CreateFile(source.Path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new SealException($"{source} can't be read: {failure.Message}", failure);
        }
    }

    private static string ReadText(string path)
    {
        using var file = File.OpenRead(path);
        return file.Length <= MostBytes ? new StreamReader(file).ReadToEnd() : throw new IOException($"{path} is too long for a key");
    }

    // The key must be on the disk before anything is sealed with it.
    private static string CreateFile(string path)
    {
        var text = Convert.ToBase64String(RandomNumberGenerator.GetBytes(MasterKey.Length)) + "\n";
        try
        {
            var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
            Directory.CreateDirectory(folder);
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite };
            using (var file = new FileStream(path, options))
            {
                file.Write(Encoding.ASCII.GetBytes(text));
                file.Flush(flushToDisk: true);
            }

            Durable.Folder(folder);
            return text;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new SealException($"the key file {path} can't be made: {failure.Message}", failure);
        }
    }
}
