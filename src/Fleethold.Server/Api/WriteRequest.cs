using Fleethold.Resources;
using Fleethold.Resources.Wire;
using Google.Protobuf;
using Grpc.Core;
using Resource = Fleethold.Resources.Resource;

namespace Fleethold.Server.Api;

/// <summary>
/// A CreateRequest or an UpdateRequest, read without the generated messages: the resource inside goes from the wire's bytes straight to what is stored.
/// </summary>
internal sealed class WriteRequest
{
    private const int MaxOptions = 64 * 1024;

    private ByteString? _resource;

    /// <summary>The controller in whose name is written; empty for people.</summary>
    public string Owner { get; private set; } = "";

    /// <summary>The text of the phase that is expected; null for any.</summary>
    public string? ExpectedPhase { get; private set; }

    /// <summary>Reads a CreateRequest.</summary>
    public static Marshaller<WriteRequest> Create { get; } = Marshaller(resourceField: 1, optionsField: 2, static (request, options) =>
        request.Owner = CreateOptions.Parser.ParseFrom(options).Owner);

    /// <summary>Reads an UpdateRequest.</summary>
    public static Marshaller<WriteRequest> Update { get; } = Marshaller(resourceField: 2, optionsField: 3, static (request, bytes) =>
    {
        var options = UpdateOptions.Parser.ParseFrom(bytes);
        request.Owner = options.Owner;
        request.ExpectedPhase = options.HasExpectedPhase ? options.ExpectedPhase : null;
    });

    /// <summary>The resource; a fault when it breaks the form of one.</summary>
    public Outcome<Resource> Resource() =>
        _resource is null ? new Fault.Invalid("metadata is missing")
        : InputBudget.Exceeded(_resource.Span) is { } tooMuch ? new Fault.Invalid(tooMuch)
        : ResourceCodec.Decode(_resource.Memory);

    private static Marshaller<WriteRequest> Marshaller(int resourceField, int optionsField, Action<WriteRequest, ByteString> readOptions) => new(
        (_, _) => throw new NotSupportedException("requests are only read"),
        context =>
        {
            try
            {
                return Read(new CodedInputStream(context.PayloadAsNewBuffer()), resourceField, optionsField, readOptions);
            }
            catch (InvalidProtocolBufferException malformed)
            {
                throw Requests.Malformed(malformed.Message);
            }
        });

    private static WriteRequest Read(CodedInputStream input, int resourceField, int optionsField, Action<WriteRequest, ByteString> readOptions)
    {
        var request = new WriteRequest();
        while (input.ReadTag() is not 0 and var tag)
        {
            var field = WireFormat.GetTagFieldNumber(tag);
            if (WireFormat.GetTagWireType(tag) != WireFormat.WireType.LengthDelimited || (field != resourceField && field != optionsField))
            {
                input.SkipLastField();
                continue;
            }

            var value = input.ReadBytes();
            if (field == resourceField)
            {
                request._resource = request._resource is null ? value : throw Requests.Malformed("the resource comes twice");
            }
            else if (value.Length > MaxOptions)
            {
                throw Requests.Malformed("the options are too large");
            }
            else if (value.Length > 0)
            {
                readOptions(request, value);
            }
        }

        return request;
    }
}
