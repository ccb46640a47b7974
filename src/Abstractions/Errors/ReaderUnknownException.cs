namespace Granary;

/// <summary>No silo of the cluster has a reader of the log of that name.</summary>
[GenerateSerializer, Alias("granary.ReaderUnknownException")]
public sealed class ReaderUnknownException : GranaryException
{
    /// <summary>Creates the error.</summary>
    /// <param name="name">The name.</param>
    public ReaderUnknownException(string name)
        : base($"There is no projection, reactor, process manager or subscription '{name}'. List those that exist.") =>
        Name = name;

    /// <summary>The name.</summary>
    [Id(0)] public string Name { get; }
}
