using Orleans.EventSourcing;

namespace Granary.Samples.Upcasting;

/// <summary>A customer.</summary>
[Alias("samples.ICustomerGrain")]
public interface ICustomerGrain : IGrainWithStringKey
{
    /// <summary>Gives the customer a new name.</summary>
    [Alias("Rename")] Task Rename(string given, string family);

    /// <summary>Returns the family name.</summary>
    [Alias("GetFamilyName")] Task<string> GetFamilyName();
}

/// <summary>Today's shape of the event. In schema 1 it had one member, <c>name</c>.</summary>
[GenerateSerializer, Alias("customer-named"), SchemaVersion(2)]
public sealed record CustomerNamed([property: Id(0)] string Given, [property: Id(1)] string Family);

/// <summary>The customer's state.</summary>
[GenerateSerializer, Alias("samples.CustomerState")]
public sealed class CustomerState
{
    /// <summary>The family name; empty before the customer has one.</summary>
    [Id(0)] public string Family { get; set; } = "";

    /// <summary>Folds a naming.</summary>
    public void Apply(CustomerNamed named) => Family = named.Family;
}

/// <summary>The grain handles only the current event types.</summary>
[GrainType("customer")]
public sealed class CustomerGrain : JournaledGrain<CustomerState, CustomerNamed>, ICustomerGrain
{
    /// <inheritdoc />
    public async Task Rename(string given, string family)
    {
        RaiseEvent(new CustomerNamed(given, family));
        await ConfirmEvents();
    }

    /// <inheritdoc />
    public Task<string> GetFamilyName() => Task.FromResult(State.Family);
}
