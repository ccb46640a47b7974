namespace Granary.Runtime;

/// <summary>Implemented by a state that writes itself as JSON when it is read.</summary>
public interface IJsonState
{
    /// <summary>The state as JSON in UTF-8.</summary>
    ReadOnlyMemory<byte> ToJson();
}
