using System.Linq.Expressions;
using System.Text.Json.Serialization;
using Granary.Runtime;

namespace Granary.Tests.Unit.Projections;

/// <summary>What a projection may declare, and what is refused before the first event.</summary>
public sealed class RegisteredProjectionTests
{
    [Fact]
    public void A_projection_has_the_name_version_columns_and_filter_that_it_declares()
    {
        var projection = Folding<AllKinds>.Register(new OfAllKinds());
        Assert.Equal(("all_kinds", 7, typeof(AllKinds)), (projection.Name, projection.Version, projection.ModelType));
        Assert.Equal(["account", "transfer"], projection.Filter.Categories!.Order());
        Assert.Equal(
            [
                "text Text", "count_of_rows Integer", "share Number", "amount Decimal", "is_open Boolean",
                "opened_at Time", "opened_on Text", "kind Text", "id Text", "http_status Integer", "maybe Integer",
                "named_otherwise Integer",
            ],
            projection.Columns.Select(static one => $"{one.Name} {one.Kind}"));
        Assert.Equal(
            [
                "t", 3L, 0.5, 12.30m, true, DateTimeOffset.UnixEpoch, "2026-02-03", "Second",
                "00000000-0000-0000-0000-000000000000", 404L, null, 9L,
            ],
            projection.ReadColumns(new AllKinds()));
    }

    [Theory]
    [InlineData(typeof(Unnamed), "has no name")]
    [InlineData(typeof(InheritsItsName), "has no name")]
    [InlineData(typeof(LongName), "more than 36 characters")]
    [InlineData(typeof(WrongName), "cannot name a table")]
    [InlineData(typeof(GranaryName), "Granary's own tables")]
    [InlineData(typeof(NamedAsBuild), "named as the build of a projection")]
    [InlineData(typeof(NamedAsSqlBuild), "named as the build of a projection")]
    [InlineData(typeof(VersionZero), "The version")]
    [InlineData(typeof(NoCategory), "reads no category")]
    [InlineData(typeof(SeveralWithoutKey), "has no key for Withdrawn")]
    [InlineData(typeof(NotKept), "The model of the projection 'not_kept' cannot be kept")]
    public void What_contradicts_itself_is_refused(Type projection, string message)
    {
        var error = Assert.ThrowsAny<Exception>(() => Register(projection));
        Assert.True(error is InvalidOperationException or ArgumentException, error.ToString());
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(typeof(AmbiguousKey), "Several keys fit Withdrawn equally")]
    [InlineData(typeof(AmbiguousMethod), "Several methods Apply fit Withdrawn equally")]
    public void What_would_fail_with_every_event_is_refused_before_the_first(Type projection, string message)
    {
        var error = Assert.Throws<InvalidOperationException>(() => Register(projection));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_category_key_or_column_is_refused_where_it_is_declared()
    {
        Assert.Throws<ArgumentException>(() => new Declaring(static one => one.OfCategories("a/b")));
        Assert.Throws<ArgumentException>(() => new Declaring(static one => one.OfCategories("")));
        Assert.Throws<InvalidOperationException>(() => new Declaring(static one => one.TwoKeys()));
        var other = new Account();
        Assert.Throws<ArgumentException>(() => new Declaring(one => one.OfColumn(model => other.Balance)));
        Assert.Throws<ArgumentException>(() => new Declaring(static one => one.OfColumn(model => model.Balance + 1)));
        Assert.Throws<ArgumentException>(() => new Declaring(static one => one.OfColumn(model => model.Seen)));
        Assert.Throws<ArgumentException>(
            () => new Declaring(static one => one.OfColumn(model => model.Balance, "Balance!")));
        Assert.Throws<ArgumentException>(
            () => new Declaring(static one => one.OfColumn(model => model.Balance, "key")));
        _ = new Declaring(static one => one.OfColumn(model => model.Seen.Count));
    }

    [Fact]
    public void A_column_declared_twice_and_a_seventeenth_are_refused()
    {
        var twice = new Declaring(one => one.OfColumn(model => model.Balance).OfColumn(model => model.Balance));
        Assert.Throws<ArgumentException>(() => Folding<Account>.Register(twice));
        var many = new Declaring(static one =>
        {
            for (var i = 0; i < 17; i++) one.OfColumn(model => model.Balance, $"c{i}");
        });
        Assert.Throws<ArgumentException>(() => Folding<Account>.Register(many));
    }

    [Fact]
    public void Two_projections_of_one_name_are_refused_with_that_name()
    {
        var one = Folding<Account>.Register(new Declaring());
        var error = Assert.Throws<InvalidOperationException>(
            () => new ProjectionWorkers([one, Folding<Account>.Register(new Declaring())], [], null!));
        Assert.Contains("'declaring'", error.Message, StringComparison.Ordinal);
        var live = new LiveProjection(Folding<Account>.Register(new Declaring()));
        Assert.Throws<InvalidOperationException>(() => new ProjectionWorkers([one], [live], null!));
        Assert.Throws<InvalidOperationException>(() => new ProjectionWorkers([], [live, live], null!));
    }

    [Fact]
    public void The_stream_of_a_model_is_known_where_every_key_is_that_of_the_stream()
    {
        Assert.True(Folding<Account>.Register(new Declaring()).TryGetStream("a", out var stream));
        Assert.Equal(StreamName.Parse("account/a"), stream);
        foreach (var key in new[] { "", new string('x', 600) })
            Assert.False(Folding<Account>.Register(new Declaring()).TryGetStream(key, out _));
        Assert.False(Folding<Account>.Register(new OwnKey()).TryGetStream("a", out _));
        Assert.False(Folding<Account>.Register(new KeyOfDerived()).TryGetStream("a", out _));
    }

    [Fact]
    public void A_projection_whose_models_are_not_of_one_stream_each_cannot_be_live_and_why_is_said()
    {
        _ = new LiveProjection(Folding<Account>.Register(new Accounts()));
        AssertRefused(new OwnKey(), "it declares the keys of");
        AssertRefused(new KeyOfDerived(), "it declares the keys of Deposited");
        AssertRefused(new Movements(), "it reads several categories, account, transfer");

        static void AssertRefused(Projection<Account> projection, string reason)
        {
            var error = Assert.Throws<InvalidOperationException>(
                () => new LiveProjection(Folding<Account>.Register(projection)));
            Assert.Contains(reason, error.Message, StringComparison.Ordinal);
            Assert.Contains("Register it with AddProjection", error.Message, StringComparison.Ordinal);
        }
    }

    private static object Register(Type projection)
    {
        var model = projection.BaseType!;
        while (!model.IsGenericType) model = model.BaseType!;
        return model.GetGenericArguments()[0] == typeof(Account)
            ? Folding<Account>.Register((Projection<Account>)Activator.CreateInstance(projection)!)
            : Folding<Unkept>.Register((Projection<Unkept>)Activator.CreateInstance(projection)!);
    }

    internal enum Kind
    {
        First,
        Second,
    }

    internal sealed class AllKinds
    {
        public string Text { get; set; } = "t";

        public int CountOfRows { get; set; } = 3;

        public float Share { get; set; } = 0.5f;

        public decimal Amount { get; set; } = 12.30m;

        public bool IsOpen { get; set; } = true;

        public DateTimeOffset OpenedAt { get; set; } = DateTimeOffset.UnixEpoch;

        public DateOnly OpenedOn { get; set; } = new(2026, 2, 3);

        public Kind Kind { get; set; } = Kind.Second;

        public Guid Id { get; set; }

        public ushort HTTPStatus { get; set; } = 404;

        public long? Maybe { get; set; }

        public byte Other { get; set; } = 9;
    }

    [Projection("all_kinds", Version = 7)]
    private sealed class OfAllKinds : Projection<AllKinds>
    {
        public OfAllKinds()
        {
            Categories("account", "transfer");
            Categories("account");
            Key<IAccountEvent>(static _ => "one");
            Column(model => model.Text);
            Column(model => model.CountOfRows);
            Column(model => model.Share);
            Column(model => model.Amount);
            Column(model => model.IsOpen);
            Column(model => model.OpenedAt);
            Column(model => model.OpenedOn);
            Column(model => model.Kind);
            Column(model => model.Id);
            Column(model => model.HTTPStatus);
            Column(model => model.Maybe);
            Column(model => model.Other, "named_otherwise");
        }

        private static void Apply(AllKinds model, Opened opened) => model.Text = opened.Owner;
    }

    private abstract class Applying : Projection<Account>
    {
        protected Applying(params string[] categories) => Categories(categories);

        private static void Apply(Account account, Withdrawn withdrawn) => account.Balance -= withdrawn.Amount;
    }

    private sealed class Unnamed() : Applying("account");

    [Projection("named")]
    private abstract class Named() : Applying("account");

    private sealed class InheritsItsName : Named;

    [Projection("a234567890123456789012345678901234567")]
    private sealed class LongName() : Applying("account");

    [Projection("Wrong-Name")]
    private sealed class WrongName() : Applying("account");

    [Projection("granary_parked")]
    private sealed class GranaryName() : Applying("account");

    [Projection("accounts_v1")]
    private sealed class NamedAsBuild() : Applying("account");

    [Projection("accounts_s1_2")]
    private sealed class NamedAsSqlBuild() : Applying("account");

    [Projection("version_zero", Version = 0)]
    private sealed class VersionZero() : Applying("account");

    [Projection("no_category")]
    private sealed class NoCategory : Applying;

    [Projection("several")]
    private sealed class SeveralWithoutKey() : Applying("account", "transfer");

    internal sealed class Unkept
    {
        [JsonPropertyName("same")]
        public int One { get; set; }

        [JsonPropertyName("same")]
        public int Other { get; set; }
    }

    [Projection("not_kept")]
    private sealed class NotKept : Projection<Unkept>
    {
        public NotKept() => Categories("account");

        private static void Apply(Unkept model, Opened _) => model.One++;
    }

    [Projection("own_key")]
    private sealed class OwnKey : Applying
    {
        public OwnKey()
            : base("account") => Key<Withdrawn>(static _ => "x");
    }

    /// <summary>The method takes a base type, and the key is that of a type derived from it.</summary>
    [Projection("key_of_derived")]
    private sealed class KeyOfDerived : Projection<Account>
    {
        public KeyOfDerived()
        {
            Categories("account");
            Key<Deposited>(static _ => "x");
        }

        private static void Apply(Account account, Moved moved) => account.Balance += moved.Amount;
    }

    [Projection("ambiguous_key")]
    private sealed class AmbiguousKey : Applying
    {
        public AmbiguousKey()
            : base("account")
        {
            Key<IMoved>(static _ => "x");
            Key<IAudited>(static _ => "y");
        }
    }

    [Projection("ambiguous_method")]
    private sealed class AmbiguousMethod : Projection<Account>
    {
        public AmbiguousMethod() => Categories("account");

        private static void Apply(Account account, IMoved moved) => account.Balance += moved.Amount;

        private static void Apply(Account account, IAudited _) => account.Seen.Add("audited");
    }

    [Projection("declaring")]
    private sealed class Declaring : Applying
    {
        public Declaring(Action<Declaring>? declare = null)
            : base("account") => declare?.Invoke(this);

        public Declaring OfCategories(params string[] categories)
        {
            Categories(categories);
            return this;
        }

        public Declaring OfColumn<TValue>(Expression<Func<Account, TValue>> member, string? name = null)
        {
            Column(member, name);
            return this;
        }

        public void TwoKeys()
        {
            Key<Opened>(static opened => opened.Owner);
            Key<Opened>(static opened => opened.Owner);
        }
    }
}
