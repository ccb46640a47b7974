namespace Granary;

/// <summary>A durable subscription cannot be created under a name that is in use.</summary>
[GenerateSerializer, Alias("granary.SubscriptionExistsException")]
public sealed class SubscriptionExistsException : GranaryException
{
    /// <summary>Creates the error.</summary>
    /// <param name="name">The name.</param>
    /// <param name="isOtherReader">
    /// Whether it names a projection, reactor or process manager, not a durable subscription with other settings.
    /// </param>
    public SubscriptionExistsException(string name, bool isOtherReader)
        : base(isOtherReader
            ? $"'{name}' is the name of another reader of the log. Choose another name."
            : $"The subscription '{name}' exists with other settings. Delete it before, or choose another name.") =>
        (Name, IsOtherReader) = (name, isOtherReader);

    /// <summary>The name.</summary>
    [Id(0)] public string Name { get; }

    /// <summary>Whether another kind of reader has the name.</summary>
    [Id(1)] public bool IsOtherReader { get; }
}
