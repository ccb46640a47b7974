using System.Reflection;
using Microsoft.Extensions.DependencyInjection;

namespace Granary.Tests.Unit.Projections;

/// <summary>Which readers of models an application finds among its services.</summary>
public sealed class ModelReaderServicesTests
{
    [Fact]
    public async Task The_only_projection_of_a_type_of_model_needs_no_name_and_may_be_named()
    {
        await using var services = Build(static granary => granary.AddProjection<Tallies>());
        var reader = services.GetRequiredService<IModelReader<TallyModel>>();
        Assert.Same(reader, services.GetRequiredKeyedService<IModelReader<TallyModel>>("tallies"));
    }

    [Fact]
    public async Task Of_two_projections_with_one_type_of_model_each_is_read_by_its_name_and_none_without()
    {
        await using var services = Build(
            static granary => granary.AddProjection<Tallies>().AddProjection<OtherTallies>());
        foreach (var name in (string[])["tallies", "other_tallies"])
        {
            var reader = services.GetRequiredKeyedService<IModelReader<TallyModel>>(name);
            var asked = await Assert.ThrowsAsync<AskedException>(
                () => reader.FindAsync("a", null, TestContext.Current.CancellationToken));
            Assert.Equal(name, asked.Message);
        }

        var fault = Assert.Throws<InvalidOperationException>(
            () => services.GetRequiredService<IModelReader<TallyModel>>());
        Assert.Contains("tallies, other_tallies", fault.Message, StringComparison.Ordinal);
        Assert.Contains("FromKeyedServices", fault.Message, StringComparison.Ordinal);
    }

    private static ServiceProvider Build(Action<IGranaryBuilder> configure)
    {
        var builder = new Builder();
        builder.Services.AddOptions();
        builder.Services.AddSingleton(DispatchProxy.Create<IGrainFactory, Grains>());
        configure(builder);
        return builder.Services.BuildServiceProvider();
    }

    [Projection("other_tallies")]
    public sealed class OtherTallies : Projection<TallyModel>;

    private sealed class Builder : IGranaryBuilder
    {
        public IServiceCollection Services { get; } = new ServiceCollection();
    }

    private sealed class AskedException(string projection) : Exception(projection);

    // These two are not sealed: the runtime derives proxies from them.
    public class Grains : DispatchProxy
    {
        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
            Create<IModelGrain, Asked>();
    }

    public class Asked : DispatchProxy
    {
        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
            throw new AskedException((string)args![0]!);
    }
}
