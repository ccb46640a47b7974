namespace Granary.Runtime;

/// <summary>A content type: how events are written and read in it.</summary>
internal interface IPayloadFormat
{
    /// <summary>The media type that is stored with each event.</summary>
    string ContentType { get; }

    /// <summary>How the format writes and reads one type of event; of a type that it cannot write, why not.</summary>
    PayloadSerializer SerializerOf(Type type);
}
