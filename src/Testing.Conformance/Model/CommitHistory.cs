using CsCheck;

namespace Granary.Testing.Conformance.Model;

internal enum CommitStepKind
{
    Commit,
    CommitCancelled,
    DeleteCheckpoints,
    DropTable,
    Crash,
    Reopen,
}

internal enum Advancing
{
    Nothing,
    FromWhereItStands,
    InANewEpoch,
    FromElsewhere,
    InAnOldEpoch,
}

/// <summary>A change of a row that is expected as it is, or as it was before.</summary>
internal sealed record Change(int Key, bool Deletes, bool IsStale, int? Amount)
{
    public override string ToString() =>
        $"{(Deletes ? "delete" : "put")} {Key}={Amount}{(IsStale ? " as it was" : "")}";
}

/// <summary>One thing that happens to a model store, at one of the two instances that are open at any time.</summary>
internal sealed record CommitStep(
    CommitStepKind Kind, int Instance, int Reader, Advancing Advancing, Change[] Changes, int? Retry)
{
    public override string ToString() => Retry is { } back
        ? $"{Kind} by {Instance}, retry {back} back"
        : $"{Kind} by {Instance}, reader {Reader} {Advancing}: {string.Join<Change>(", ", Changes)}";
}

/// <summary>Random histories of a model store.</summary>
internal static class CommitHistory
{
    public const int Keys = 5;
    public const int Readers = 2;

    private static readonly Gen<Change> Changes = Gen.Select(
        Gen.Int[0, Keys - 1], Gen.Frequency((3, Gen.Const(false)), (1, Gen.Const(true))),
        Gen.Frequency((8, Gen.Const(false)), (1, Gen.Const(true))), Gen.Int[-1, 2],
        static (key, deletes, stale, amount) => new Change(key, deletes, stale, amount < 0 ? null : amount));

    private static readonly Gen<CommitStepKind> Kinds = Gen.Frequency(
        (20, Gen.Const(CommitStepKind.Commit)), (1, Gen.Const(CommitStepKind.CommitCancelled)),
        (1, Gen.Const(CommitStepKind.DeleteCheckpoints)), (1, Gen.Const(CommitStepKind.DropTable)),
        (2, Gen.Const(CommitStepKind.Crash)), (1, Gen.Const(CommitStepKind.Reopen)));

    private static readonly Gen<Advancing> Moves = Gen.Frequency(
        (3, Gen.Const(Advancing.Nothing)), (6, Gen.Const(Advancing.FromWhereItStands)),
        (2, Gen.Const(Advancing.InANewEpoch)), (1, Gen.Const(Advancing.FromElsewhere)),
        (1, Gen.Const(Advancing.InAnOldEpoch)));

    public static Gen<CommitStep[]> Any { get; } = Gen.Select(
        Kinds, Gen.Int[0, 1], Gen.Int[0, Readers - 1], Moves, Changes.Array[0, 4], Gen.Int[-12, 5],
        static (kind, instance, reader, moves, changes, retry) => new CommitStep(
            kind, instance, reader, moves, [.. changes.DistinctBy(static one => one.Key)], retry < 0 ? null : retry))
        .Array[1, 25];
}
