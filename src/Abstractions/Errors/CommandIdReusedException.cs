namespace Granary;

/// <summary>
/// A command id came again with another command. Nothing was done: give each command an id of its own.
/// </summary>
[GenerateSerializer, Alias("granary.CommandIdReusedException")]
public sealed class CommandIdReusedException : GranaryException
{
    /// <summary>Creates the error.</summary>
    public CommandIdReusedException(StreamName stream, string commandId)
        : base($"Command id {commandId} was used before on stream {stream} for another command. "
            + "Give each command an id of its own.")
    {
        Stream = stream;
        CommandId = commandId;
    }

    /// <summary>The stream.</summary>
    [Id(0)] public StreamName Stream { get; }

    /// <summary>The id.</summary>
    [Id(1)] public string CommandId { get; }
}
