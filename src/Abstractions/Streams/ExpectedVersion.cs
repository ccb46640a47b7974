namespace Granary;

/// <summary>What a writer takes a stream's version to be; an append that finds it otherwise changes nothing.</summary>
[GenerateSerializer, Immutable, Alias("granary.ExpectedVersion")]
public readonly record struct ExpectedVersion
{
    private ExpectedVersion(ExpectedVersionKind kind, StreamVersion version, GlobalPosition position)
    {
        Kind = kind;
        Version = version;
        Position = position;
    }

    /// <summary>The append lands whatever the version is. This is the default value.</summary>
    public static ExpectedVersion Any => default;

    /// <summary>The stream must hold no event: it never was, or it was cleared.</summary>
    public static ExpectedVersion NoStream { get; } = Exactly(StreamVersion.Zero);

    /// <summary>The stream must hold at least one event.</summary>
    public static ExpectedVersion StreamExists { get; } = new(ExpectedVersionKind.StreamExists, default, default);

    /// <summary>Which of the preconditions this is.</summary>
    [Id(0)] public ExpectedVersionKind Kind { get; }

    /// <summary>The version expected, where <see cref="Kind"/> is <see cref="ExpectedVersionKind.Exactly"/>.</summary>
    [Id(1)] public StreamVersion Version { get; }

    /// <summary>
    /// The position that the writer expects the stream's last event to have; 0 where it expects none. A version alone
    /// is met again when the stream was cleared and written anew; a position is not.
    /// </summary>
    [Id(2)] public GlobalPosition Position { get; }

    /// <summary>The stream must hold exactly so many events.</summary>
    public static ExpectedVersion Exactly(StreamVersion version) =>
        new(ExpectedVersionKind.Exactly, version, GlobalPosition.Zero);

    /// <summary>The stream must hold exactly so many events, the last of them at a known position.</summary>
    public static ExpectedVersion Exactly(StreamVersion version, GlobalPosition position) =>
        new(ExpectedVersionKind.Exactly, version, position);

    /// <summary>Whether a stream that ends at this version and position meets the precondition.</summary>
    public bool IsMetBy(StreamVersion version, GlobalPosition position) => Kind switch
    {
        ExpectedVersionKind.Exactly =>
            version == Version && (Position == GlobalPosition.Zero || position == Position),
        ExpectedVersionKind.StreamExists => version > StreamVersion.Zero,
        _ => true,
    };

    /// <inheritdoc />
    public override string ToString() => this == NoStream ? "no stream" : Kind switch
    {
        ExpectedVersionKind.Exactly => $"version {Version}",
        ExpectedVersionKind.StreamExists => "an existing stream",
        _ => "any version",
    };
}
