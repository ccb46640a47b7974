using Granary.Runtime;
using Granary.Tests.Unit.Events;

namespace Granary.Tests.Unit.States;

public sealed class ApplyDispatchTests
{
    private static readonly OrderPaid Paid = new("Ada", 1m);

    [Fact]
    public void An_Apply_that_is_declared_new_hides_that_of_the_base_class()
    {
        var state = new Hiding();

        ApplyDispatch<Hiding, IOrderEvent>.Apply(state, Paid);
        Assert.True(ApplyDispatch<Hiding, IOrderEvent>.TryApply(state, Paid));

        Assert.Equal(["Hiding", "Hiding"], state.Applied);
    }

    [Fact]
    public void Of_the_overloads_that_fit_those_of_the_most_derived_class_count_as_for_the_compiler()
    {
        var state = new Wider();
        state.Apply(Paid);

        ApplyDispatch<Wider, IOrderEvent>.Apply(state, Paid);

        Assert.Equal(["Wider", "Wider"], state.Applied);
    }

    [Fact]
    public void An_override_counts_where_it_was_first_declared()
    {
        var state = new Overriding();
        state.Apply(Paid);

        ApplyDispatch<Overriding, IOrderEvent>.Apply(state, Paid);

        Assert.Equal(["Overriding", "Overriding"], state.Applied);
    }

    [Fact]
    public void Within_a_class_the_nearest_parameter_wins_and_what_fits_equally_is_an_error()
    {
        var state = new Base();

        ApplyDispatch<Base, IOrderEvent>.Apply(state, new OrderPlaced("Ada", 1m));
        ApplyDispatch<Base, IOrderEvent>.Apply(state, Paid);

        Assert.Equal(["any", "Base"], state.Applied);
        Assert.Throws<InvalidOperationException>(
            static () => ApplyDispatch<Ambiguous, object>.Apply(new Ambiguous(), Paid));
        Assert.Throws<InvalidOperationException>(static () => ApplyDispatch<Silent, object>.Apply(new Silent(), Paid));
    }

    [Fact]
    public void A_struct_event_is_folded()
    {
        var state = new Counting();

        ApplyDispatch<Counting, IOrderEvent>.Apply(state, new EventTypeRegistryTests.Moved(3));

        Assert.Equal(3, state.Count);
    }

    [Fact]
    public void An_Apply_may_return_its_own_state_and_no_other()
    {
        var state = new Chaining();
        ApplyDispatch<Chaining, IOrderEvent>.Apply(state, Paid);
        Assert.Equal(1m, state.Sum);

        var error = Assert.Throws<InvalidOperationException>(
            static () => ApplyDispatch<Replacing, IOrderEvent>.TryApply(new Replacing(), Paid));
        Assert.Contains("returns another state", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_asynchronous_Apply_is_refused_before_any_event_is_folded()
    {
        Refuses<Returning>();
        Refuses<Waiting>();
        Refuses<Forgetting>();

        static void Refuses<TState>()
            where TState : class, new()
        {
            var error = Assert.Throws<InvalidOperationException>(
                static () => ApplyDispatch<TState, IOrderEvent>.Validate([typeof(OrderPaid)]));
            Assert.Contains("is asynchronous", error.Message, StringComparison.Ordinal);
            Assert.Throws<InvalidOperationException>(
                static () => ApplyDispatch<TState, IOrderEvent>.TryApply(new TState(), Paid));
        }
    }

    internal sealed class Chaining
    {
        public decimal Sum { get; private set; }

        public Chaining Apply(OrderPaid @event)
        {
            Sum += @event.Amount;
            return this;
        }
    }

    internal sealed class Replacing
    {
        public Replacing Apply(OrderPaid @event) => new();
    }

    internal sealed class Returning
    {
        public Task Apply(OrderPaid @event) => Task.CompletedTask;
    }

    internal sealed class Waiting
    {
        public ValueTask<int> Apply(OrderPaid @event) => new(1);
    }

    internal sealed class Forgetting
    {
        public async void Apply(OrderPaid @event) => await Task.Yield();
    }

    public class Base
    {
        internal List<string> Applied { get; } = [];

        internal void Apply(IOrderEvent @event) => Applied.Add("any");

        internal virtual void Apply(OrderPaid @event) => Applied.Add("Base");
    }

    public class Hidden
    {
        internal List<string> Applied { get; } = [];

        public void Apply(object @event) => Applied.Add("Hidden");
    }

    private sealed class Hiding : Hidden
    {
        public new void Apply(object @event) => Applied.Add("Hiding");
    }

    private sealed class Wider : Base
    {
        public void Apply(object @event) => Applied.Add("Wider");
    }

    private sealed class Overriding : Base
    {
        internal override void Apply(OrderPaid @event) => Applied.Add("Overriding");
    }

    private sealed class Ambiguous
    {
        public void Apply(IOrderEvent @event) => throw new NotSupportedException();

        public void Apply(OrderChanged @event) => throw new NotSupportedException();

        public void Apply(IEquatable<OrderPaid> @event) => throw new NotSupportedException();
    }

    private sealed class Silent;

    private sealed class Counting
    {
        public int Count { get; private set; }

        internal void Apply(EventTypeRegistryTests.Moved moved) => Count += moved.By;
    }
}
