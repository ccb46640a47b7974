namespace Granary;

/// <summary>There is no durable subscription of that name.</summary>
[GenerateSerializer, Alias("granary.SubscriptionUnknownException")]
public sealed class SubscriptionUnknownException : GranaryException
{
    /// <summary>Creates the error.</summary>
    /// <param name="name">The name.</param>
    public SubscriptionUnknownException(string name)
        : base($"There is no durable subscription '{name}'. Create it.") => Name = name;

    /// <summary>The name.</summary>
    [Id(0)] public string Name { get; }
}
