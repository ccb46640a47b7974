using System.Runtime.ExceptionServices;

namespace Granary.Testing;

/// <summary>The result of a call of a scenario.</summary>
/// <typeparam name="TAnswer">What the method answers.</typeparam>
public sealed class ScenarioOutcome<TAnswer>
{
    private readonly TAnswer? _answer;

    internal ScenarioOutcome(TAnswer? answer, Exception? failure, IReadOnlyList<object> events)
    {
        _answer = answer;
        Failure = failure;
        Events = events;
    }

    /// <summary>What the method answered; where it threw, its exception is thrown here.</summary>
    public TAnswer Answer
    {
        get
        {
            ThrowIfFailed();
            return _answer!;
        }
    }

    /// <summary>What the method threw, else null.</summary>
    public Exception? Failure { get; }

    /// <summary>The events that the call confirmed, in order.</summary>
    public IReadOnlyList<object> Events { get; }

    /// <summary>Checks that the call confirmed exactly these events, in this order.</summary>
    /// <exception cref="ScenarioFailedException">It did not.</exception>
    public ScenarioOutcome<TAnswer> Then(params IReadOnlyList<object> expected)
    {
        ThrowIfFailed();
        CheckEvents(expected);
        return this;
    }

    /// <summary>Checks that the call confirmed no event.</summary>
    /// <exception cref="ScenarioFailedException">It did.</exception>
    public ScenarioOutcome<TAnswer> ThenNothing() => Then();

    /// <summary>Checks that the call threw, and confirmed nothing.</summary>
    /// <exception cref="ScenarioFailedException">It did not throw that, or it confirmed events.</exception>
    public TException ThenThrows<TException>()
        where TException : Exception
    {
        CheckEvents([]);
        return Failure as TException ?? throw new ScenarioFailedException(
            $"Expected {typeof(TException)}, but the call {(Failure is null ? "threw nothing" : $"threw {Failure}")}.");
    }

    private void ThrowIfFailed()
    {
        if (Failure is not null) ExceptionDispatchInfo.Throw(Failure);
    }

    private void CheckEvents(IReadOnlyList<object> expected)
    {
        if (Events.Count == expected.Count && Events.Zip(expected).All(static pair =>
            ScenarioValues.Same(pair.First, pair.Second))) return;
        throw new ScenarioFailedException(
            $"Expected events: {Show(expected)}{Environment.NewLine}But were: {Show(Events)}");
    }

    private static string Show(IReadOnlyList<object> events) => events.Count == 0
        ? "none"
        : string.Join(", ", events.Select(ScenarioValues.Show));
}
