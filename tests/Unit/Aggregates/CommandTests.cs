using System.Text;
using Granary.Runtime;

namespace Granary.Tests.Unit.Aggregates;

public sealed class CommandTests
{
    private sealed record Deposit(int Amount, string Currency);

    private sealed record Withdrawal(int Amount, string Currency);

    [Fact]
    public void The_same_content_is_the_same_command() =>
        Assert.Equal(Command.Of("a", new Deposit(5, "EUR")), Command.Of("a", new Deposit(5, "EUR")));

    [Fact]
    public void Other_members_are_another_command() =>
        Assert.NotEqual(Command.Of("a", new Deposit(5, "EUR")), Command.Of("a", new Deposit(6, "EUR")));

    [Fact]
    public void Another_type_with_the_same_members_is_another_command() =>
        Assert.NotEqual(Command.Of("a", new Deposit(5, "EUR")), Command.Of("a", new Withdrawal(5, "EUR")));

    [Fact]
    public void The_type_of_the_content_counts_and_not_that_of_the_variable() =>
        Assert.Equal(Command.Of("a", new Deposit(5, "EUR")), Command.Of<object>("a", new Deposit(5, "EUR")));

    [Fact]
    public void The_name_of_an_anonymous_type_is_not_part_of_the_command()
    {
        // The compiler numbers such types, in another build in another way: these have one shape and two names.
        Assert.NotEqual(new { Enter = "A" }.GetType().Name, new { enter = "A" }.GetType().Name);

        Assert.Equal(Command.Of("a", new { Enter = "A" }), Command.Of("a", new { enter = "A" }));
        Assert.Equal(Command.Of("a", (1, new { Enter = "A" })), Command.Of("a", (1, new { enter = "A" })));
        Assert.NotEqual(Command.Of("a", new { Enter = "A" }), Command.Of("a", new { Leave = "A" }));
    }

    [Fact]
    public void Bytes_are_hashed_as_they_are()
    {
        var bytes = Encoding.UTF8.GetBytes("{\"amount\":5}");

        Assert.Equal(Command.Of("a", bytes.AsSpan()), Command.Of<byte[]>("a", bytes));
    }

    [Fact]
    public void Without_an_id_no_command_is_a_repetition() =>
        Assert.Equal(default(string), Command.Of(null, new Deposit(5, "EUR")).Id);
}
