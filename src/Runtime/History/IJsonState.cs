namespace Granary.Runtime;

/// <summary>Implemented by a state that says itself what it looks like as JSON, when somebody asks for it.</summary>
public interface IJsonState
{
    /// <summary>The state as JSON in UTF-8.</summary>
    ReadOnlyMemory<byte> ToJson();
}
