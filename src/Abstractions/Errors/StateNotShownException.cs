namespace Granary;

/// <summary>A grain's state cannot be shown as JSON. The grain itself is not affected.</summary>
[GenerateSerializer, Alias("granary.StateNotShownException")]
public sealed class StateNotShownException : GranaryException
{
    /// <summary>Creates the error.</summary>
    public StateNotShownException(string stateType, string reason, Exception? inner = null)
        : base($"State {stateType} cannot be shown as JSON: {reason} Implement IJsonState on it.", inner) =>
        StateType = stateType;

    /// <summary>The state's type.</summary>
    [Id(0)] public string StateType { get; }
}
