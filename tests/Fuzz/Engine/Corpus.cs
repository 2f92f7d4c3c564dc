using System.Security.Cryptography;
using Fleethold.Testing;

namespace Fleethold.Fuzz.Engine;

/// <summary>The kept inputs of a target: the files of its folder, in the order of their names, behind the seeds that it makes.</summary>
internal static class Corpus
{
    /// <summary>Kept inputs are small, for they are read by people too. In bytes.</summary>
    public const int MaxFileLength = 2048;

    public static string Folder(IFuzzTarget target) => Repository.PathOf("tests", "Fuzz", "corpus", target.Name);

    /// <summary>Never empty.</summary>
    public static List<byte[]> Load(IFuzzTarget target)
    {
        var inputs = target.Seeds.ToList();
        if (Directory.Exists(Folder(target)))
        {
            inputs.AddRange(Directory.GetFiles(Folder(target)).Order(StringComparer.Ordinal).Select(File.ReadAllBytes));
        }

        return inputs.Count > 0 ? inputs : [[]];
    }

    /// <summary>Keeps an input under a name made of its content.</summary>
    public static string Save(string folder, ReadOnlySpan<byte> input)
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, Convert.ToHexStringLower(SHA256.HashData(input))[..16]);
        File.WriteAllBytes(path, input);
        return path;
    }
}
