using System.IO.Compression;
using Grpc.Core;
using Grpc.Net.Compression;

namespace Fleethold.Server.Api;

/// <summary>
/// gzip for messages. Every Go client compresses its requests; a few kilobytes may claim to hold gigabytes, so unpacking stops at the limit
/// of a message.
/// </summary>
internal sealed class BoundedGzip : ICompressionProvider
{
    public string EncodingName => "gzip";

    public Stream CreateCompressionStream(Stream stream, CompressionLevel? compressionLevel) =>
        new GZipStream(stream, compressionLevel ?? CompressionLevel.Fastest, leaveOpen: true);

    public Stream CreateDecompressionStream(Stream stream) => new Bounded(new GZipStream(stream, CompressionMode.Decompress, leaveOpen: true));

    private sealed class Bounded(GZipStream inner) : Stream
    {
        private long _read;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => _read;
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            try
            {
                return Count(inner.Read(buffer));
            }
            catch (InvalidDataException damaged)
            {
                throw new RpcException(new Status(StatusCode.InvalidArgument, $"the request can't be decompressed: {damaged.Message}"));
            }
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                inner.Dispose();
            }

            base.Dispose(disposing);
        }

        private int Count(int read)
        {
            _read += read;
            return _read <= Requests.MaxMessage
                ? read
                : throw new RpcException(new Status(StatusCode.ResourceExhausted, $"the request is larger than {Requests.MaxMessage} bytes"));
        }
    }
}
