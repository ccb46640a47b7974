namespace Granary;

/// <summary>
/// A grain's state holds something that Granary can neither copy nor share between the confirmed and the tentative
/// state. The grain cannot work with it.
/// </summary>
[GenerateSerializer, Alias("granary.StateNotSupportedException")]
public sealed class StateNotSupportedException : GranaryException
{
    /// <summary>Makes the error.</summary>
    /// <param name="stateType">The state's type.</param>
    /// <param name="member">The member at fault.</param>
    /// <param name="reason">What is wrong with it.</param>
    public StateNotSupportedException(Type stateType, string member, string reason)
        : base($"State {stateType} cannot be used: {member}: {reason} Keep data in a state, and what works on them "
            + "(delegates, tasks, streams, timers) in the grain.")
    {
        StateType = stateType.ToString();
        Member = member;
    }

    /// <summary>The state's type.</summary>
    [Id(0)] public string StateType { get; }

    /// <summary>The member at fault, with the type that declares it.</summary>
    [Id(1)] public string Member { get; }
}
