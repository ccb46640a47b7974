using Orleans.Serialization;

namespace Granary.Runtime;

/// <summary>The binary format of Orleans' serializer.</summary>
/// <remarks>
/// An event is written as a value of its own type, so that the payload does not hold the type's name: the name in the
/// log alone decides as what it is read, and the class may be renamed.
/// </remarks>
internal sealed class OrleansFormat(Serializer serializer) : IPayloadFormat
{
    public string ContentType => ContentTypes.Orleans;

    public PayloadSerializer SerializerOf(Type type) => IsKnown(type)
        ? (PayloadSerializer)Activator.CreateInstance(typeof(OrleansSerializer<>).MakeGenericType(type), serializer)!
        : new UnsupportedSerializer(
            ContentType, $"Orleans' codec does not support {type}. Mark it [GenerateSerializer].");

    // Where Orleans does not support a base type or an argument of the type, it throws instead of returning false.
    private bool IsKnown(Type type)
    {
        try
        {
            return serializer.CanSerialize(type);
        }
        catch (Exception)
        {
            return false;
        }
    }
}

/// <summary>Writes and reads one type by Orleans' codec. It proves nothing: what it writes is read back.</summary>
internal sealed class OrleansSerializer<T>(Serializer serializer) : PayloadSerializer(ContentTypes.Orleans)
{
    private const int DepthMax = 256;

    private readonly Serializer<T> _serializer = serializer.GetSerializer<T>();

    public override ReadOnlyMemory<byte> Write(object @event, PayloadBuffer buffer)
    {
        // Orleans' codec calls itself for each level: a long chain of objects would overflow the thread's stack and
        // end the process.
        if (ValueComparison.FirstDeeperThan(@event, DepthMax) is { } member)
            throw new NotSupportedException($"{member} is nested deeper than {DepthMax} levels.");
        return _serializer.SerializeToArray((T)@event);
    }

    public override object? Read(ReadOnlyMemory<byte> payload) => _serializer.Deserialize(payload);

    public override bool IsProved(object @event, ReadOnlySpan<byte> payload) => false;
}
