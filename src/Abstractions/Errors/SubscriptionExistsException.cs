namespace Granary;

/// <summary>A durable subscription cannot be created under a name that is in use.</summary>
[GenerateSerializer, Alias("granary.SubscriptionExistsException")]
public sealed class SubscriptionExistsException : GranaryException
{
    /// <summary>Creates the error.</summary>
    /// <param name="name">The name.</param>
    /// <param name="reason">By what it is in use, and what to do, as sentences.</param>
    public SubscriptionExistsException(string name, string reason)
        : base($"The subscription '{name}' cannot be created. {reason}") => Name = name;

    /// <summary>The name.</summary>
    [Id(0)] public string Name { get; }
}
