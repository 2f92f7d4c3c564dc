using System.Text;
using Google.Protobuf;

namespace Fleethold.Bench.Load;

/// <summary>Writes to etcd with its Put.</summary>
internal sealed class EtcdWriter(string name, Payload payload) : ILoadWriter
{
    private long _number = -1;
    private byte[] _key = [];

    /// <inheritdoc/>
    public string NextMethod => "/etcdserverpb.KV/Put";

    /// <inheritdoc/>
    public int NextSize()
    {
        _number++;
        if ((_number & 3) == 0)
        {
            _key = Encoding.ASCII.GetBytes($"/bench/{name}-{_number >> 2}");
        }

        return 2 + _key.Length + 1 + CodedOutputStream.ComputeLengthSize(payload.Size) + payload.Size;
    }

    // PutRequest: key = 1, value = 2.
    /// <inheritdoc/>
    public void WriteNext(Span<byte> request)
    {
        request[0] = 0x0A;
        request[1] = (byte)_key.Length;
        _key.CopyTo(request[2..]);
        var at = 2 + _key.Length;
        request[at++] = 0x12;
        for (var rest = (uint)payload.Size; ; rest >>= 7)
        {
            request[at++] = (byte)(rest < 0x80 ? rest : rest | 0x80);
            if (rest < 0x80)
            {
                break;
            }
        }

        payload.Bytes(_number).CopyTo(request[at..]);
    }
}
