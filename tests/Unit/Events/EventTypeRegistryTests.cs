using System.Reflection;
using System.Reflection.Emit;
using System.Text.Json;
using Granary.Runtime;
using Granary.Testing;
using Orleans.EventSourcing;

namespace Granary.Tests.Unit.Events;

public sealed class EventTypeRegistryTests
{
    [Theory]
    [InlineData("Orleans.Shop")]
    [InlineData("System.Billing")]
    [InlineData("System")]
    [InlineData("Microsoft.Orleans")]
    public void An_applications_assembly_may_be_named_like_the_frameworks(string name)
    {
        var assembly = AssemblyBuilder.DefineDynamicAssembly(new AssemblyName(name), AssemblyBuilderAccess.Run);
        assembly.DefineDynamicModule("only").DefineType("Happened").CreateType();

        Assert.False(FrameworkAssemblies.Contain(assembly));
        Assert.Equal(["Happened"], EventTypeRegistry.TypesIn(assembly).Select(static type => type.Name));
    }

    [Theory]
    [InlineData(typeof(object))]
    [InlineData(typeof(JsonElement))]
    [InlineData(typeof(Grain))]
    [InlineData(typeof(JournaledGrain<,>))]
    [InlineData(typeof(GenerateSerializerAttribute))]
    [InlineData(typeof(Orleans.Serialization.Serializer))]
    [InlineData(typeof(Microsoft.Extensions.Options.IOptions<>))]
    public void The_frameworks_assemblies_hold_no_events(Type type) =>
        Assert.Empty(EventTypeRegistry.TypesIn(type.Assembly));

    [Fact]
    public void A_struct_is_an_event_like_a_class()
    {
        IOrderEvent moved = new Moved(3);

        Assert.Equal("order-moved-by", Codecs.Write(moved).Type);
        Assert.Equal(2, Codecs.Write(moved).SchemaVersion);
        Assert.Equal(moved, Codecs.RoundTrip(moved));
        Assert.Equal(
            moved,
            Assert.Single(Codecs.Of<IOrderEvent>(static events => events.AddEventType<Moved>("before"))
                .Read(Codecs.Stored("before", """{"by":3}""", 2))));
    }

    [Fact]
    public async Task Two_event_types_of_one_grain_with_one_name_stop_the_start_and_are_named()
    {
        var error = await Assert.ThrowsAnyAsync<Exception>(static () => GranaryTestCluster.StartAsync(new()
        {
            Configure = static (_, granary) => granary.ConfigureEvents(
                static events => events.AddEventType<Testing.DoorClosed>("unit.door-opened")),
        }));

        Assert.Contains(nameof(Testing.DoorClosed), error.ToString(), StringComparison.Ordinal);
        Assert.Contains(nameof(Testing.DoorOpened), error.ToString(), StringComparison.Ordinal);
    }

    [Alias("order-moved-by"), SchemaVersion(2)]
    internal readonly record struct Moved(int By) : IOrderEvent;
}
