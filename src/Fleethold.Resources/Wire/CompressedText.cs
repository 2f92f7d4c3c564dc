using System.Buffers;
using Fleethold.Resources.Specs;
using Google.Protobuf;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace Fleethold.Resources.Wire;

/// <summary>
/// The specs that carry a large text in one of two fields: plain, or as a Zstandard frame when it has 2,048 bytes or more
/// (reference/resources.md 1.3). Readers take either; YAML and JSON always show the plain text.
/// We write frames without a dictionary, which every client reads. Frames made with upstream's own dictionary, which only its
/// server uses for itself, can't be read here and are refused by name.
/// </summary>
public static class CompressedText
{
    /// <summary>A text of this many bytes of UTF-8 or more is compressed.</summary>
    public const int Threshold = 2048;

    /// <summary>The most that the frames of one spec may grow to, in bytes; more is refused, for a small frame can hold a very long text.</summary>
    public const int MaxPlainBytes = 16 * 1024 * 1024;

    private const int WindowLog = 18;
    private const int MaxWindowLog = 24;

    /// <summary>True for the messages that this class knows.</summary>
    public static bool Applies(IMessage spec) => spec is ConfigPatchSpec or ClusterMachineConfigPatchesSpec or ClusterMachineConfigSpec
        or ClusterMachineConfigStatusSpec or RedactedClusterMachineConfigSpec or MachineConfigDiffSpec or MachinePendingUpdatesSpec
        or KubernetesManifestGroupSpec;

    /// <summary>
    /// The message with its text in the plain field and nothing in the compressed one: the same object when it is so already, else a copy.
    /// </summary>
    /// <returns>A <see cref="Fault.Invalid"/> when the frame is damaged, too large or needs a dictionary.</returns>
    public static Outcome<IMessage> Expand(IMessage spec)
    {
        try
        {
            return Outcome<IMessage>.Of(spec switch
            {
                ConfigPatchSpec { CompressedData.Length: > 0 } it => Changed(it, copy => (copy.Data, copy.CompressedData) = (Text(it.CompressedData), ByteString.Empty)),
                RedactedClusterMachineConfigSpec { CompressedData.Length: > 0 } it =>
                    Changed(it, copy => (copy.Data, copy.CompressedData) = (Text(it.CompressedData), ByteString.Empty)),
                KubernetesManifestGroupSpec { CompressedData.Length: > 0 } it =>
                    Changed(it, copy => (copy.Data, copy.CompressedData) = (Text(it.CompressedData), ByteString.Empty)),
                MachineConfigDiffSpec { CompressedDiff.Length: > 0 } it => Changed(it, copy => (copy.Diff, copy.CompressedDiff) = (Text(it.CompressedDiff), ByteString.Empty)),
                MachinePendingUpdatesSpec { CompressedConfigDiff.Length: > 0 } it =>
                    Changed(it, copy => (copy.ConfigDiff, copy.CompressedConfigDiff) = (Text(it.CompressedConfigDiff), ByteString.Empty)),
                ClusterMachineConfigStatusSpec { CompressedRedactedMachineConfig.Length: > 0 } it => Changed(
                    it,
                    copy => (copy.RedactedCurrentMachineConfig, copy.CompressedRedactedMachineConfig) = (Text(it.CompressedRedactedMachineConfig), ByteString.Empty)),
                ClusterMachineConfigSpec { CompressedData.Length: > 0 } it => Changed(
                    it,
                    copy => (copy.Data, copy.CompressedData) = (UnsafeByteOperations.UnsafeWrap(Plain(it.CompressedData.Span, MaxPlainBytes)), ByteString.Empty)),
                ClusterMachineConfigPatchesSpec { CompressedPatches.Count: > 0 } it => Changed(it, copy => ExpandPatches(it, copy)),
                _ => spec,
            });
        }
        catch (InvalidFrameException invalid)
        {
            return new Fault.Invalid($"{spec.Descriptor.FullName}: {invalid.Message}");
        }
    }

    /// <summary>Moves a plain text that reaches the threshold into the compressed field. Changes the message, which must not be frozen yet.</summary>
    public static void Pack(IMessage spec)
    {
        switch (spec)
        {
            case ConfigPatchSpec it when Large(it.Data):
                (it.CompressedData, it.Data) = (Frame(it.Data), "");
                break;
            case RedactedClusterMachineConfigSpec it when Large(it.Data):
                (it.CompressedData, it.Data) = (Frame(it.Data), "");
                break;
            case KubernetesManifestGroupSpec it when Large(it.Data):
                (it.CompressedData, it.Data) = (Frame(it.Data), "");
                break;
            case MachineConfigDiffSpec it when Large(it.Diff):
                (it.CompressedDiff, it.Diff) = (Frame(it.Diff), "");
                break;
            case MachinePendingUpdatesSpec it when Large(it.ConfigDiff):
                (it.CompressedConfigDiff, it.ConfigDiff) = (Frame(it.ConfigDiff), "");
                break;
            case ClusterMachineConfigStatusSpec it when Large(it.RedactedCurrentMachineConfig):
                (it.CompressedRedactedMachineConfig, it.RedactedCurrentMachineConfig) = (Frame(it.RedactedCurrentMachineConfig), "");
                break;
            case ClusterMachineConfigSpec it when it.Data.Length >= Threshold:
                (it.CompressedData, it.Data) = (Frame(it.Data.Span), ByteString.Empty);
                break;
            case ClusterMachineConfigPatchesSpec it when it.Patches.Any(Large):
                // One large patch compresses them all: a reader takes the compressed list alone as soon as it isn't empty.
                it.CompressedPatches.Clear();
                it.CompressedPatches.AddRange(it.Patches.Select(Frame));
                it.Patches.Clear();
                break;
            default:
                break;
        }
    }

    private static void ExpandPatches(ClusterMachineConfigPatchesSpec spec, ClusterMachineConfigPatchesSpec copy)
    {
        copy.CompressedPatches.Clear();
        copy.Patches.Clear();
        var left = MaxPlainBytes;
        foreach (var frame in spec.CompressedPatches)
        {
            var plain = Plain(frame.Span, left);
            left -= plain.Length;
            copy.Patches.Add(Decode(plain));
        }
    }

    private static IMessage Changed<T>(T spec, Action<T> change)
        where T : IMessage<T>
    {
        var copy = spec.Clone();
        change(copy);
        return copy;
    }

    private static bool Large(string text) => text.Length * 3L >= Threshold && System.Text.Encoding.UTF8.GetByteCount(text) >= Threshold;

    private static ByteString Frame(string text) => Frame(System.Text.Encoding.UTF8.GetBytes(text));

    private static ByteString Frame(ReadOnlySpan<byte> plain)
    {
        using var compressor = new Compressor(3);
        compressor.SetParameter(ZSTD_cParameter.ZSTD_c_checksumFlag, 1);
        compressor.SetParameter(ZSTD_cParameter.ZSTD_c_windowLog, WindowLog);
        return ByteString.CopyFrom(compressor.Wrap(plain));
    }

    private static string Text(ByteString frame) => Decode(Plain(frame.Span, MaxPlainBytes));

    private static string Decode(ReadOnlySpan<byte> plain)
    {
        try
        {
            return StrictText.Decode(plain);
        }
        catch (System.Text.DecoderFallbackException)
        {
            throw new InvalidFrameException("the compressed text is not UTF-8");
        }
    }

    private static byte[] Plain(ReadOnlySpan<byte> frame, int limit)
    {
        if (frame.Length == 0)
            return [];

        if (DictionaryOf(frame) is not 0 and var dictionary)
            throw new InvalidFrameException($"the text is compressed with dictionary {dictionary}; send it plain or compressed without a dictionary");

        // The size in the header is only a claim: the result grows with what really comes out.
        var plain = new ArrayBufferWriter<byte>(Math.Min(limit, frame.Length * 4));
        try
        {
            using var stream = new DecompressionStream(new MemoryStream(frame.ToArray()), leaveOpen: false);
            stream.SetParameter(ZSTD_dParameter.ZSTD_d_windowLogMax, MaxWindowLog);
            int read;
            while ((read = stream.Read(plain.GetSpan(4096))) > 0)
            {
                plain.Advance(read);
                if (plain.WrittenCount > limit)
                    throw new InvalidFrameException($"the compressed text has more than {MaxPlainBytes} bytes");
            }
        }
        catch (Exception damaged) when (damaged is ZstdException or IOException)
        {
            throw new InvalidFrameException("the compressed text is damaged: " + damaged.Message);
        }

        return plain.WrittenSpan.ToArray();
    }

    // RFC 8878 3.1.1.1: the two low bits of the descriptor give the length of the dictionary id, which follows the window byte
    // unless the frame is a single segment.
    private static uint DictionaryOf(ReadOnlySpan<byte> frame)
    {
        if (frame.Length < 6 || !frame.StartsWith((ReadOnlySpan<byte>)[0x28, 0xb5, 0x2f, 0xfd]))
            return 0;

        var descriptor = frame[4];
        var length = (descriptor & 3) switch { 3 => 4, var other => other };
        var start = (descriptor & 0x20) == 0 ? 6 : 5;
        var id = 0u;
        for (var index = Math.Min(frame.Length, start + length) - 1; index >= start; index--)
            id = id << 8 | frame[index];

        return id;
    }

    private sealed class InvalidFrameException(string message) : Exception(message);
}
