namespace Fleethold.SideroLink.Engine;

/// <summary>Where opened packets go: the virtual side. One worker owns one output; it isn't safe for use by several threads at once.</summary>
public interface IPacketOutput
{
    /// <summary>
    /// A packet that has passed authentication, replay check, cryptokey routing and the input filter. Its bytes stay where they are until
    /// <see cref="Flush"/>, so that packets of one flow can be written as one without a copy.
    /// </summary>
    /// <param name="packet">One IPv4 or IPv6 packet without padding, whose checksums needn't be verified (the AEAD has covered them).</param>
    void Write(Memory<byte> packet);

    /// <summary>Everything written leaves; the buffers behind it are free again.</summary>
    void Flush();
}
