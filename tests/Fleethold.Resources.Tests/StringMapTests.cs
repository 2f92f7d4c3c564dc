namespace Fleethold.Resources.Tests;

public class StringMapTests
{
    [Fact]
    public void Entries_come_in_ordinal_order_of_their_keys()
    {
        var map = StringMap.Of(("b", "1"), ("B", "2"), ("a", "3"));

        Assert.Equal(["B", "a", "b"], map.Keys);
    }

    [Fact]
    public void Maps_with_the_same_entries_are_equal_whatever_their_history()
    {
        var one = StringMap.Empty.With("a", "1").With("b", "2").With("a", "3");
        var other = StringMap.Of(("b", "2"), ("a", "3"), ("c", "")).Without("c");

        Assert.Equal(one, other);
        Assert.Equal(one.GetHashCode(), other.GetHashCode());
    }
}
