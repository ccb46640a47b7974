using CsCheck;

namespace Granary.Testing.Conformance.Model;

internal enum StepKind
{
    Commit,
    CommitCancelled,
    Snapshot,
    Truncate,
    Crash,
    Reopen,
}

internal enum Expecting
{
    Any,
    NoStream,
    StreamExists,
    Right,
    RightWithPosition,
    TooLow,
    TooHigh,
    RightWithWrongPosition,
}

/// <summary>An append to be made: of so many events, a clearing where there are none; or one sent before.</summary>
internal sealed record Attempt(int Stream, Expecting Expecting, int Events, int? Retry)
{
    public override string ToString() => Retry is { } back
        ? $"retry {back} back"
        : $"s{Stream} {(Events == 0 ? "clear" : $"+{Events}")} at {Expecting}";
}

/// <summary>One thing that happens, at one of the two instances that are open at any time.</summary>
internal sealed record Step(StepKind Kind, int Instance, int Partition, Attempt[] Attempts)
{
    public override string ToString() => $"{Kind} by {Instance} in {Partition}: {string.Join<Attempt>(", ", Attempts)}";
}

/// <summary>Random histories.</summary>
internal static class History
{
    public const int Streams = 3;

    private static readonly Gen<Attempt> Attempts = Gen.Select(
        Gen.Int[0, Streams - 1], Gen.Enum<Expecting>(), Gen.Int[0, 4], Gen.Int[-9, 5],
        static (stream, expecting, events, retry) =>
            new Attempt(stream, expecting, events, retry < 0 ? null : retry));

    private static readonly Gen<StepKind> Kinds = Gen.Frequency(
        (12, Gen.Const(StepKind.Commit)), (1, Gen.Const(StepKind.CommitCancelled)), (2, Gen.Const(StepKind.Snapshot)),
        (3, Gen.Const(StepKind.Truncate)), (2, Gen.Const(StepKind.Crash)), (1, Gen.Const(StepKind.Reopen)));

    public static Gen<Step[]> Of(int partitions) => Gen.Select(
        Kinds, Gen.Int[0, 1], Gen.Int[0, partitions - 1], Attempts.Array[1, 4],
        static (kind, instance, partition, attempts) => new Step(kind, instance, partition, attempts)).Array[1, 25];
}
