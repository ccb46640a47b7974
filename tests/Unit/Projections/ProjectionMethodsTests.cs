using Granary.Runtime;
using Granary.Tests.Unit.Events;

namespace Granary.Tests.Unit.Projections;

/// <summary>Which method an event calls, and which methods are refused.</summary>
public sealed class ProjectionMethodsTests
{
    private static readonly RecordedEvent Recorded = Codecs.Stored("projected.opened", "{}");

    [Fact]
    public void An_event_without_a_model_creates_one_and_one_with_a_model_is_applied_to_it()
    {
        var methods = Of(new Conventional());
        var made = methods.Fold(null, new Opened("ada"), Recorded);
        Assert.Equal("ada", made!.Owner);
        Assert.Same(made, methods.Fold(made, new Deposited(3), Recorded));
        Assert.Equal(3, made.Balance);
        var returned = methods.Fold(made, new Withdrawn(1), Recorded);
        Assert.NotSame(made, returned);
        Assert.Equal((3, 2), (made.Balance, returned!.Balance));
    }

    [Fact]
    public void Apply_is_given_a_new_model_where_there_is_none_and_no_Create_takes_the_event() =>
        Assert.Equal(3, Of(new Conventional()).Fold(null, new Deposited(3), Recorded)!.Balance);

    [Fact]
    public void A_model_without_a_constructor_needs_Create_and_the_error_says_so()
    {
        var methods = new ProjectionMethods<NeedsOwner>(new OfNeedsOwner());
        var error = Assert.Throws<InvalidOperationException>(() => methods.Fold(null, new Deposited(1), Recorded));
        Assert.Contains("has no constructor without parameters", error.Message, StringComparison.Ordinal);
        Assert.Equal(new NeedsOwner("a+1"), methods.Fold(new NeedsOwner("a"), new Deposited(1), Recorded));
    }

    [Fact]
    public void An_event_that_creates_a_model_that_is_there_is_an_error()
    {
        var error = Assert.Throws<InvalidOperationException>(
            () => Of(new Conventional()).Fold(new Account(), new Opened("ada"), Recorded));
        Assert.Contains("creates a model that is there already", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_that_returns_nothing_is_an_error() => Assert.Throws<InvalidOperationException>(
        () => Of(new CreatesNothing()).Fold(null, new Opened("ada"), Recorded));

    [Fact]
    public void Delete_deletes_where_it_returns_nothing_or_true()
    {
        var methods = Of(new Deleting());
        Assert.Null(methods.Fold(new Account(), new Closed(), Recorded));
        Assert.Null(methods.Fold(null, new Closed(), Recorded));
        var kept = new Account { Balance = 5 };
        Assert.Same(kept, methods.Fold(kept, new Withdrawn(1), Recorded));
        Assert.Null(methods.Fold(new Account { Balance = 1 }, new Withdrawn(1), Recorded));
        Assert.Null(methods.Fold(new Account { Balance = 5 }, new Opened("nobody"), Recorded));
        Assert.NotNull(methods.Fold(new Account { Balance = 5 }, new Opened("ada"), Recorded));
    }

    [Fact]
    public void Where_Delete_does_not_delete_Apply_of_the_same_event_is_called()
    {
        var methods = Of(new AppliesAndDeletes());
        Assert.Equal(2, methods.Fold(new Account { Balance = 5 }, new Withdrawn(3), Recorded)!.Balance);
        Assert.Null(methods.Fold(new Account { Balance = 3 }, new Withdrawn(3), Recorded));
    }

    [Fact]
    public void An_event_of_which_there_is_only_Delete_makes_no_model() =>
        Assert.Null(Of(new Deleting()).Fold(null, new Withdrawn(1), Recorded));

    [Fact]
    public void The_method_of_the_nearest_type_is_called()
    {
        var methods = Of(new ByBases());
        Assert.Equal(["moved"], methods.Fold(null, new Deposited(1), Recorded)!.Seen);
        Assert.Equal(["withdrawn"], methods.Fold(null, new Withdrawn(1), Recorded)!.Seen);
        Assert.Equal(["any"], methods.Fold(null, new Opened("ada"), Recorded)!.Seen);
    }

    [Fact]
    public void Methods_of_two_interfaces_that_fit_equally_are_an_error()
    {
        var methods = Of(new Ambiguous());
        Assert.True(methods.Handles(typeof(Deposited)));
        var error = Assert.Throws<InvalidOperationException>(() => methods.Handles(typeof(Withdrawn)));
        Assert.Contains("Several methods Apply fit Withdrawn equally", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Methods_may_be_private_static_inherited_and_overridden_and_take_the_recorded_event()
    {
        var methods = Of(new Derived());
        Assert.Equal([Recorded.Type], methods.Fold(null, new Opened("ada"), Recorded)!.Seen);
        Assert.Equal(["derived"], methods.Fold(null, new Deposited(1), Recorded)!.Seen);
        Assert.Equal(["private"], methods.Fold(null, new Withdrawn(1), Recorded)!.Seen);
        Assert.False(methods.Handles(typeof(Closed)));
        Assert.Equal(3, methods.EventTypes.Count);
    }

    [Theory]
    [InlineData(typeof(AsyncVoid))]
    [InlineData(typeof(ReturnsTask))]
    [InlineData(typeof(Generic))]
    [InlineData(typeof(ApplyWithoutModel))]
    [InlineData(typeof(ApplyReturnsBool))]
    [InlineData(typeof(CreateTakesModel))]
    [InlineData(typeof(CreateReturnsAnother))]
    [InlineData(typeof(DeleteReturnsModel))]
    [InlineData(typeof(DeleteOfModelReturnsNothing))]
    [InlineData(typeof(TooMany))]
    [InlineData(typeof(ByReference))]
    [InlineData(typeof(TakesRecordedAlone))]
    public void A_method_of_another_shape_is_refused_and_named(Type projection)
    {
        var error = Assert.Throws<InvalidOperationException>(
            () => Of((Projection<Account>)Activator.CreateInstance(projection)!));
        Assert.Contains("is none of the methods of a projection of Account", error.Message, StringComparison.Ordinal);
        Assert.Contains(projection.Name, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_methods_for_one_type_and_none_at_all_are_refused()
    {
        Assert.Contains(
            "has two methods Apply for Deposited",
            Assert.Throws<InvalidOperationException>(() => Of(new Twice())).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "handles no events",
            Assert.Throws<InvalidOperationException>(() => Of(new Empty())).Message,
            StringComparison.Ordinal);
    }

    private static ProjectionMethods<Account> Of(Projection<Account> projection) => new(projection);

    private sealed record NeedsOwner(string Owner);

    private sealed class OfNeedsOwner : Projection<NeedsOwner>
    {
        public NeedsOwner Apply(NeedsOwner model, Deposited _) => new(model.Owner + "+1");
    }

    private sealed class Conventional : Projection<Account>
    {
        public Account Create(Opened opened) => new() { Owner = opened.Owner };

        public void Apply(Account account, Deposited deposited) => account.Balance += deposited.Amount;

        public Account Apply(Account account, Withdrawn withdrawn) =>
            account with { Balance = account.Balance - withdrawn.Amount };
    }

    private sealed class CreatesNothing : Projection<Account>
    {
        public Account Create(Opened _) => null!;
    }

    private sealed class Deleting : Projection<Account>
    {
        public void Delete(Closed _)
        {
        }

        public bool Delete(Account account, Withdrawn withdrawn) => account.Balance <= withdrawn.Amount;

        public bool Delete(Opened opened, RecordedEvent recorded) =>
            opened.Owner == "nobody" && recorded.Version.Value > 0;
    }

    private sealed class AppliesAndDeletes : Projection<Account>
    {
        public void Apply(Account account, Withdrawn withdrawn) => account.Balance -= withdrawn.Amount;

        public bool Delete(Account account, Withdrawn withdrawn) => account.Balance == withdrawn.Amount;
    }

    private sealed class ByBases : Projection<Account>
    {
        public void Apply(Account account, IAccountEvent _) => account.Seen.Add("any");

        public void Apply(Account account, Moved _) => account.Seen.Add("moved");

        public void Apply(Account account, Withdrawn _) => account.Seen.Add("withdrawn");
    }

    private sealed class Ambiguous : Projection<Account>
    {
        public void Apply(Account account, IMoved _) => account.Seen.Add("moved");

        public void Apply(Account account, IAudited _) => account.Seen.Add("audited");
    }

    private abstract class Base : Projection<Account>
    {
        public virtual void Apply(Account account, Deposited _) => account.Seen.Add("base");

        private static Account Apply(Account account, Withdrawn _) => account with { Seen = ["private"] };
    }

    private sealed class Derived : Base
    {
        public override void Apply(Account account, Deposited _) => account.Seen.Add("derived");

        private Account Create(Opened _, RecordedEvent recorded) => new() { Seen = [recorded.Type] };
    }

    private sealed class AsyncVoid : Projection<Account>
    {
        public async void Apply(Account account, Deposited _) => await Task.FromResult(account);
    }

    private sealed class ReturnsTask : Projection<Account>
    {
        public Task Apply(Account account, Deposited _) => Task.FromResult(account);
    }

    private sealed class Generic : Projection<Account>
    {
        public void Apply<TEvent>(Account account, TEvent _) => account.Seen.Add("generic");
    }

    private sealed class ApplyWithoutModel : Projection<Account>
    {
        public void Apply(Deposited deposited) => Assert.NotNull(deposited);
    }

    private sealed class ApplyReturnsBool : Projection<Account>
    {
        public bool Apply(Account account, Deposited _) => account.Balance > 0;
    }

    private sealed class CreateTakesModel : Projection<Account>
    {
        public Account Create(Account account, Opened _) => account;
    }

    private sealed class CreateReturnsAnother : Projection<Account>
    {
        public string Create(Opened opened) => opened.Owner;
    }

    private sealed class DeleteReturnsModel : Projection<Account>
    {
        public Account Delete(Account account, Closed _) => account;
    }

    private sealed class DeleteOfModelReturnsNothing : Projection<Account>
    {
        public void Delete(Account account, Closed _) => account.Seen.Add("closed");
    }

    private sealed class TooMany : Projection<Account>
    {
        public void Apply(Account account, Deposited _, int times) => account.Balance += times;
    }

    private sealed class ByReference : Projection<Account>
    {
        public void Apply(Account account, in Deposited deposited) => account.Balance += deposited.Amount;
    }

    private sealed class TakesRecordedAlone : Projection<Account>
    {
        public void Delete(RecordedEvent recorded) => Assert.NotNull(recorded);
    }

    private sealed class Twice : Projection<Account>
    {
        public void Apply(Account account, Deposited deposited) => account.Balance += deposited.Amount;

        public Account Apply(Account account, Deposited deposited, RecordedEvent _) =>
            account with { Balance = deposited.Amount };
    }

    private sealed class Empty : Projection<Account>
    {
        public void Handle(Deposited deposited) => Assert.NotNull(deposited);
    }
}
