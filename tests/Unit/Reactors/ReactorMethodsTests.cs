using Granary.Runtime;
using Microsoft.Extensions.DependencyInjection;

namespace Granary.Tests.Unit.Reactors;

/// <summary>The nearest method handles an event, and mistakes are found when a reactor is registered.</summary>
public sealed class ReactorMethodsTests
{
    [Fact]
    public async Task The_method_with_the_nearest_type_is_called()
    {
        var (methods, reactor) = (ReactorMethods.Of(typeof(Several)), new Several());
        foreach (var one in new object[] { new Shape(), new Square(), new RedSquare() })
            await methods.Find(one.GetType())!(reactor, one, null!, CancellationToken.None);
        Assert.Equal(["Shape", "Square", "Square"], reactor.Called);
        Assert.Null(methods.Find(typeof(string)));
    }

    [Fact]
    public void Two_methods_that_fit_equally_are_an_error_that_names_both()
    {
        var fault = Assert.Throws<InvalidOperationException>(
            () => ReactorMethods.Of(typeof(Ambiguous)).Find(typeof(Both)));
        Assert.Contains("ILeft", fault.Message, StringComparison.Ordinal);
        Assert.Contains("IRight", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(typeof(None), "handles no event")]
    [InlineData(typeof(Void), "React(Shape, EffectContext, CancellationToken) returns void")]
    [InlineData(typeof(Value), "returns System.Threading.Tasks.ValueTask")]
    [InlineData(typeof(Private), "is not public")]
    [InlineData(typeof(Static), "is static")]
    [InlineData(typeof(Generic), "is generic")]
    [InlineData(typeof(Short), "React(Shape, EffectContext) has other parameters")]
    public void A_method_that_is_not_as_it_has_to_be_is_an_error_that_names_it(Type reactor, string expected)
    {
        var fault = Assert.Throws<InvalidOperationException>(() => ReactorMethods.Of(reactor));
        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
        Assert.Contains(reactor.Name, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_reactor_without_a_name_or_with_a_wrong_option_is_refused_when_it_is_registered()
    {
        var builder = new Builder();
        Assert.Contains("has no name", Assert.Throws<ArgumentException>(
            () => builder.AddReactor<Several>()).Message, StringComparison.Ordinal);
        Assert.Contains("TriesMax", Assert.Throws<ArgumentException>(
            () => builder.AddReactor<Named>(static options => options.TriesMax = 0)).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => builder.AddReactor<Void>());
        Assert.Throws<ArgumentException>(() => builder.AddWebhook("Orders!", static _ => { }));
        Assert.Empty(builder.Services);
        builder.AddReactor<Named>();
        Assert.Contains(builder.Services, static one => one.ServiceType == typeof(IWorkerSource));
    }

    public class Shape;

    public class Square : Shape;

    public class RedSquare : Square;

    public interface ILeft;

    public interface IRight;

    public class Both : ILeft, IRight;

    public sealed class Several : Reactor
    {
        public List<string> Called { get; } = [];

        public Task React(Shape happened, EffectContext context, CancellationToken cancellationToken) => Call("Shape");

        public Task React(Square happened, EffectContext context, CancellationToken cancellationToken) =>
            Call("Square");

        private Task Call(string name)
        {
            Called.Add(name);
            return Task.CompletedTask;
        }
    }

    [Reactor("named")]
    public sealed class Named : Reactor
    {
        public Named() => Categories("shapes");

        public Task React(Shape happened, EffectContext context, CancellationToken cancellationToken) =>
            Task.CompletedTask;
    }

    public sealed class Ambiguous : Reactor
    {
        public Task React(ILeft happened, EffectContext context, CancellationToken cancellationToken) =>
            Task.CompletedTask;

        public Task React(IRight happened, EffectContext context, CancellationToken cancellationToken) =>
            Task.CompletedTask;
    }

    public sealed class None : Reactor;

    [Reactor("void")]
    public sealed class Void : Reactor
    {
        public void React(Shape happened, EffectContext context, CancellationToken cancellationToken)
        {
        }
    }

    public sealed class Value : Reactor
    {
        public ValueTask React(Shape happened, EffectContext context, CancellationToken cancellationToken) => default;
    }

    public sealed class Private : Reactor
    {
        internal Task React(Shape happened, EffectContext context, CancellationToken cancellationToken) =>
            Task.CompletedTask;
    }

    public sealed class Static : Reactor
    {
        public static Task React(Shape happened, EffectContext context, CancellationToken cancellationToken) =>
            Task.CompletedTask;
    }

    public sealed class Generic : Reactor
    {
        public Task React<T>(T happened, EffectContext context, CancellationToken cancellationToken) =>
            Task.CompletedTask;
    }

    public sealed class Short : Reactor
    {
        public Task React(Shape happened, EffectContext context) => Task.CompletedTask;
    }

    private sealed class Builder : IGranaryBuilder
    {
        public IServiceCollection Services { get; } = new ServiceCollection();
    }
}
